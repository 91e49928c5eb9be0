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
CREATE INDEX `ix_flowgate_attempt_expires` ON `flowgate_attempt` (`expires_at`);