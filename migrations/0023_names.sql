CREATE TABLE `flowgate_examples` (
	`folder_id` CHAR(32) PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE `role` ADD `name_key` VARCHAR;--> statement-breakpoint
CREATE UNIQUE INDEX `unique_role_name_key` ON `role` (`name_key`);--> statement-breakpoint
ALTER TABLE `user` ADD `username_key` VARCHAR;--> statement-breakpoint
ALTER TABLE `user` ADD `pending_since` DATETIME;--> statement-breakpoint
CREATE UNIQUE INDEX `unique_user_username_key` ON `user` (`username_key`);--> statement-breakpoint
CREATE INDEX `ix_user_pending` ON `user` (`pending_since`) WHERE pending_since IS NOT NULL;