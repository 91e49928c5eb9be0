CREATE TABLE `apikey` (
	`id` CHAR(32) PRIMARY KEY NOT NULL,
	`name` VARCHAR,
	`api_key` VARCHAR NOT NULL,
	`user_id` CHAR(32) NOT NULL,
	`created_at` DATETIME NOT NULL,
	`last_used_at` DATETIME,
	`total_uses` integer NOT NULL,
	`is_active` BOOLEAN NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ix_apikey_api_key` ON `apikey` (`api_key`);--> statement-breakpoint
CREATE INDEX `ix_apikey_name` ON `apikey` (`name`);--> statement-breakpoint
CREATE INDEX `ix_apikey_user_id` ON `apikey` (`user_id`);--> statement-breakpoint
CREATE TABLE `flow` (
	`id` CHAR(32) PRIMARY KEY NOT NULL,
	`name` VARCHAR NOT NULL,
	`description` text,
	`icon` VARCHAR,
	`icon_bg_color` VARCHAR,
	`gradient` VARCHAR,
	`data` JSON,
	`is_component` BOOLEAN,
	`updated_at` DATETIME,
	`webhook` BOOLEAN,
	`endpoint_name` VARCHAR,
	`tags` JSON,
	`locked` BOOLEAN,
	`mcp_enabled` BOOLEAN,
	`action_name` VARCHAR,
	`action_description` text,
	`access_type` VARCHAR(7) DEFAULT 'PRIVATE' NOT NULL,
	`user_id` CHAR(32),
	`folder_id` CHAR(32),
	`fs_path` VARCHAR,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`folder_id`) REFERENCES `folder`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `ix_flow_name` ON `flow` (`name`);--> statement-breakpoint
CREATE INDEX `ix_flow_description` ON `flow` (`description`);--> statement-breakpoint
CREATE INDEX `ix_flow_endpoint_name` ON `flow` (`endpoint_name`);--> statement-breakpoint
CREATE INDEX `ix_flow_user_id` ON `flow` (`user_id`);--> statement-breakpoint
CREATE INDEX `ix_flow_folder_id` ON `flow` (`folder_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `unique_flow_name` ON `flow` (`user_id`,`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `unique_flow_endpoint_name` ON `flow` (`user_id`,`endpoint_name`);--> statement-breakpoint
CREATE TABLE `folder` (
	`id` CHAR(32) PRIMARY KEY NOT NULL,
	`name` VARCHAR NOT NULL,
	`description` text,
	`auth_settings` JSON,
	`parent_id` CHAR(32),
	`user_id` CHAR(32),
	FOREIGN KEY (`parent_id`) REFERENCES `folder`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `user`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `ix_folder_name` ON `folder` (`name`);--> statement-breakpoint
CREATE UNIQUE INDEX `unique_folder_name` ON `folder` (`user_id`,`name`);--> statement-breakpoint
CREATE TABLE `user` (
	`id` CHAR(32) PRIMARY KEY NOT NULL,
	`username` VARCHAR NOT NULL,
	`password` VARCHAR NOT NULL,
	`profile_image` VARCHAR,
	`is_active` BOOLEAN NOT NULL,
	`is_superuser` BOOLEAN NOT NULL,
	`create_at` DATETIME NOT NULL,
	`updated_at` DATETIME NOT NULL,
	`last_login_at` DATETIME,
	`store_api_key` VARCHAR,
	`optins` JSON
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ix_user_username` ON `user` (`username`);