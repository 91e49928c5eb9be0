CREATE TABLE `permission` (
	`id` CHAR(32) PRIMARY KEY NOT NULL,
	`name` VARCHAR NOT NULL,
	`scope` VARCHAR NOT NULL,
	`description` VARCHAR,
	`created_at` DATETIME NOT NULL
);
--> statement-breakpoint
CREATE INDEX `ix_permission_name` ON `permission` (`name`);--> statement-breakpoint
CREATE INDEX `ix_permission_scope` ON `permission` (`scope`);--> statement-breakpoint
CREATE INDEX `idx_permission_name_scope` ON `permission` (`name`,`scope`);--> statement-breakpoint
CREATE UNIQUE INDEX `unique_permission_scope` ON `permission` (`name`,`scope`);--> statement-breakpoint
CREATE TABLE `role` (
	`id` CHAR(32) PRIMARY KEY NOT NULL,
	`name` VARCHAR NOT NULL,
	`description` VARCHAR,
	`is_system_role` BOOLEAN NOT NULL,
	`created_at` DATETIME NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ix_role_name` ON `role` (`name`);--> statement-breakpoint
CREATE TABLE `rolepermission` (
	`id` CHAR(32) PRIMARY KEY NOT NULL,
	`role_id` CHAR(32) NOT NULL,
	`permission_id` CHAR(32) NOT NULL,
	`created_at` DATETIME NOT NULL,
	FOREIGN KEY (`role_id`) REFERENCES `role`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`permission_id`) REFERENCES `permission`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `ix_rolepermission_role_id` ON `rolepermission` (`role_id`);--> statement-breakpoint
CREATE INDEX `ix_rolepermission_permission_id` ON `rolepermission` (`permission_id`);--> statement-breakpoint
CREATE INDEX `idx_role_permission_lookup` ON `rolepermission` (`role_id`,`permission_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `unique_role_permission` ON `rolepermission` (`role_id`,`permission_id`);--> statement-breakpoint
CREATE TABLE `userroleassignment` (
	`id` CHAR(32) PRIMARY KEY NOT NULL,
	`user_id` CHAR(32) NOT NULL,
	`role_id` CHAR(32) NOT NULL,
	`scope_type` VARCHAR NOT NULL,
	`scope_id` CHAR(32),
	`is_immutable` BOOLEAN NOT NULL,
	`created_at` DATETIME NOT NULL,
	`created_by` CHAR(32),
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`role_id`) REFERENCES `role`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`created_by`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `ix_userroleassignment_user_id` ON `userroleassignment` (`user_id`);--> statement-breakpoint
CREATE INDEX `ix_userroleassignment_role_id` ON `userroleassignment` (`role_id`);--> statement-breakpoint
CREATE INDEX `ix_userroleassignment_scope_type` ON `userroleassignment` (`scope_type`);--> statement-breakpoint
CREATE INDEX `ix_userroleassignment_scope_id` ON `userroleassignment` (`scope_id`);--> statement-breakpoint
CREATE INDEX `idx_user_role_assignment_lookup` ON `userroleassignment` (`user_id`,`scope_type`,`scope_id`);--> statement-breakpoint
CREATE INDEX `idx_user_role_assignment_user` ON `userroleassignment` (`user_id`);--> statement-breakpoint
CREATE INDEX `idx_user_role_assignment_scope` ON `userroleassignment` (`scope_type`,`scope_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `unique_user_role_scope` ON `userroleassignment` (`user_id`,`role_id`,`scope_type`,`scope_id`);--> statement-breakpoint
ALTER TABLE `folder` ADD `is_starter_project` BOOLEAN DEFAULT 0 NOT NULL;