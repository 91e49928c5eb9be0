CREATE TABLE `flowgate_audit` (
	`seq` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` DATETIME NOT NULL,
	`actor_id` CHAR(32),
	`request_id` VARCHAR,
	`action` VARCHAR NOT NULL,
	`target_type` VARCHAR NOT NULL,
	`target_id` CHAR(32),
	`before` JSON,
	`after` JSON
);
--> statement-breakpoint
CREATE INDEX `ix_flowgate_audit_actor` ON `flowgate_audit` (`actor_id`,`seq`);--> statement-breakpoint
CREATE INDEX `ix_flowgate_audit_target` ON `flowgate_audit` (`target_type`,`target_id`,`seq`);--> statement-breakpoint
CREATE INDEX `ix_flowgate_audit_action` ON `flowgate_audit` (`action`,`seq`);--> statement-breakpoint
ALTER TABLE `apikey` ADD `prefix` VARCHAR;--> statement-breakpoint
ALTER TABLE `user` ADD `credentials_changed_at` DATETIME;--> statement-breakpoint
ALTER TABLE `userroleassignment` ADD `expires_at` DATETIME;--> statement-breakpoint
CREATE TRIGGER `flowgate_audit_keeps_rows` BEFORE DELETE ON `flowgate_audit`
BEGIN SELECT RAISE(ABORT, 'audit rows are never deleted'); END;
--> statement-breakpoint
CREATE TRIGGER `flowgate_audit_keeps_values` BEFORE UPDATE ON `flowgate_audit`
BEGIN SELECT RAISE(ABORT, 'audit rows are never changed'); END;
