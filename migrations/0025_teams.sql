CREATE TABLE `flowgate_team` (
	`id` CHAR(32) PRIMARY KEY NOT NULL,
	`name` VARCHAR NOT NULL,
	`name_key` VARCHAR NOT NULL,
	`description` VARCHAR,
	`external_name` VARCHAR,
	`created_at` DATETIME NOT NULL,
	`created_by` CHAR(32)
);
--> statement-breakpoint
CREATE UNIQUE INDEX `unique_flowgate_team_name_key` ON `flowgate_team` (`name_key`);--> statement-breakpoint
CREATE UNIQUE INDEX `unique_flowgate_team_external_name` ON `flowgate_team` (`external_name`);--> statement-breakpoint
CREATE TABLE `flowgate_team_grant` (
	`id` CHAR(32) PRIMARY KEY NOT NULL,
	`team_id` CHAR(32) NOT NULL,
	`role_id` CHAR(32) NOT NULL,
	`scope_type` VARCHAR NOT NULL,
	`scope_id` CHAR(32),
	`created_at` DATETIME NOT NULL,
	`created_by` CHAR(32),
	`expires_at` DATETIME,
	FOREIGN KEY (`team_id`) REFERENCES `flowgate_team`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `unique_flowgate_team_grant_global` ON `flowgate_team_grant` (`team_id`,`role_id`,`scope_type`) WHERE scope_id IS NULL;--> statement-breakpoint
CREATE INDEX `ix_flowgate_team_grant_grants` ON `flowgate_team_grant` (`team_id`,`scope_type`,`scope_id`,`role_id`,`expires_at`);--> statement-breakpoint
CREATE INDEX `ix_flowgate_team_grant_place` ON `flowgate_team_grant` (`scope_type`,`scope_id`,`team_id`,`role_id`,`expires_at`);--> statement-breakpoint
CREATE INDEX `ix_flowgate_team_grant_role` ON `flowgate_team_grant` (`role_id`);--> statement-breakpoint
CREATE INDEX `ix_flowgate_team_grant_given` ON `flowgate_team_grant` (`created_by`);--> statement-breakpoint
CREATE UNIQUE INDEX `unique_flowgate_team_grant` ON `flowgate_team_grant` (`team_id`,`role_id`,`scope_type`,`scope_id`);--> statement-breakpoint
CREATE TABLE `flowgate_team_member` (
	`team_id` CHAR(32) NOT NULL,
	`user_id` CHAR(32) NOT NULL,
	`role` VARCHAR NOT NULL,
	`created_at` DATETIME NOT NULL,
	`created_by` CHAR(32),
	PRIMARY KEY(`team_id`, `user_id`),
	FOREIGN KEY (`team_id`) REFERENCES `flowgate_team`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `ix_flowgate_team_member_user` ON `flowgate_team_member` (`user_id`,`team_id`);--> statement-breakpoint
CREATE INDEX `ix_userroleassignment_given` ON `userroleassignment` (`created_by`) WHERE created_by <> user_id;
--> statement-breakpoint
-- How far the primary has written: what reads from replicas go by. The first write makes the row.
CREATE TABLE `flowgate_clock` (
	`id` integer PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`at` integer NOT NULL
);
--> statement-breakpoint
-- Whom a company's directory knows which user as.
CREATE TABLE `flowgate_binding` (
	`issuer` VARCHAR NOT NULL,
	`subject` VARCHAR NOT NULL,
	`user_id` CHAR(32) NOT NULL,
	`created_at` DATETIME NOT NULL,
	`created_by` CHAR(32),
	`profile` JSON,
	PRIMARY KEY(`issuer`, `subject`)
);
--> statement-breakpoint
CREATE INDEX `ix_flowgate_binding_user` ON `flowgate_binding` (`user_id`,`issuer`);
