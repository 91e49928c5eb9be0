-- flowgate:acknowledge a Global grant that is held twice is held once
-- The unique constraint never saw grants without a scope_id, so an adopted database may hold one twice:
-- the oldest stays (an immutable one before others), then the unique index closes the hole for good.
DELETE FROM userroleassignment WHERE rowid IN (
	SELECT rid FROM (
		SELECT rowid AS rid, row_number() OVER (
			PARTITION BY user_id, role_id, scope_type ORDER BY is_immutable DESC, created_at, rowid) AS n
		FROM userroleassignment WHERE scope_id IS NULL
	) WHERE n > 1
);
--> statement-breakpoint
CREATE INDEX `ix_flow_updated` ON `flow` (`updated_at`,`id`,`folder_id`);--> statement-breakpoint
CREATE INDEX `ix_flow_name_id` ON `flow` (`name`,`id`,`folder_id`);--> statement-breakpoint
CREATE INDEX `ix_flow_folder_updated` ON `flow` (`folder_id`,`updated_at`,`id`);--> statement-breakpoint
CREATE INDEX `ix_flow_folder_name` ON `flow` (`folder_id`,`name`,`id`);--> statement-breakpoint
CREATE UNIQUE INDEX `unique_user_role_global` ON `userroleassignment` (`user_id`,`role_id`,`scope_type`) WHERE scope_id IS NULL;--> statement-breakpoint
CREATE INDEX `ix_userroleassignment_grant` ON `userroleassignment` (`user_id`,`scope_type`,`scope_id`,`role_id`);