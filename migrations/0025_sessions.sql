CREATE TABLE `flowgate_session` (
	`id` CHAR(32) PRIMARY KEY NOT NULL,
	`user_id` CHAR(32) NOT NULL,
	`created_at` DATETIME NOT NULL,
	`expires_at` DATETIME NOT NULL,
	`round` integer NOT NULL,
	`renewed_at` DATETIME NOT NULL,
	`user_agent` VARCHAR
);
--> statement-breakpoint
CREATE INDEX `ix_flowgate_session_user` ON `flowgate_session` (`user_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `ix_flowgate_session_expires` ON `flowgate_session` (`expires_at`);--> statement-breakpoint
CREATE TABLE `flowgate_attempt` (
	`key` VARCHAR PRIMARY KEY NOT NULL,
	`failures` integer NOT NULL,
	`failed_at` integer NOT NULL,
	`free_at` integer NOT NULL,
	`tried` VARCHAR,
	`known` BOOLEAN NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `ix_flowgate_attempt_expires` ON `flowgate_attempt` (`expires_at`);--> statement-breakpoint
ALTER TABLE `apikey` ADD `expires_at` DATETIME;--> statement-breakpoint
ALTER TABLE `apikey` ADD `read_only` BOOLEAN;