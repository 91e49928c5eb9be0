CREATE TABLE `flowgate_idempotency` (
	`caller_id` CHAR(32) NOT NULL,
	`key_hash` VARCHAR NOT NULL,
	`request_hash` VARCHAR NOT NULL,
	`at` DATETIME NOT NULL,
	`answer` JSON,
	PRIMARY KEY(`caller_id`, `key_hash`)
);
--> statement-breakpoint
CREATE INDEX `ix_flowgate_idempotency_at` ON `flowgate_idempotency` (`at`);