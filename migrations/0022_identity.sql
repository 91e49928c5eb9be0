CREATE TABLE `flowgate_idempotency` (
	`caller_id` CHAR(32) NOT NULL,
	`key_hash` VARCHAR NOT NULL,
	`request_hash` VARCHAR NOT NULL,
	`at` DATETIME NOT NULL,
	`answer` JSON,
	PRIMARY KEY(`caller_id`, `key_hash`)
);
--> statement-breakpoint
CREATE INDEX `ix_flowgate_idempotency_at` ON `flowgate_idempotency` (`at`);--> statement-breakpoint
CREATE TABLE `flowgate_examples` (
	`folder_id` CHAR(32) PRIMARY KEY NOT NULL
);
--> statement-breakpoint
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
ALTER TABLE `apikey` ADD `read_only` BOOLEAN;--> statement-breakpoint
ALTER TABLE `apikey` ADD `decisions` BOOLEAN;--> statement-breakpoint
ALTER TABLE `role` ADD `name_key` VARCHAR;--> statement-breakpoint
CREATE UNIQUE INDEX `unique_role_name_key` ON `role` (`name_key`);--> statement-breakpoint
ALTER TABLE `user` ADD `username_key` VARCHAR;--> statement-breakpoint
ALTER TABLE `user` ADD `pending_since` DATETIME;--> statement-breakpoint
CREATE UNIQUE INDEX `unique_user_username_key` ON `user` (`username_key`);--> statement-breakpoint
CREATE INDEX `ix_user_pending` ON `user` (`pending_since`) WHERE pending_since IS NOT NULL;--> statement-breakpoint
CREATE INDEX `ix_user_superuser` ON `user` (`id`) WHERE is_superuser;