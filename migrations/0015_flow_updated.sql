ALTER TABLE `flow` ADD `revision` integer;--> statement-breakpoint
CREATE INDEX `ix_flow_updated` ON `flow` (`updated_at`,`id`,`folder_id`,`is_component`,`access_type`,`name`,`user_id`,`revision`,`endpoint_name`,`tags`,`mcp_enabled`,`action_name`,`description`,`action_description`);
