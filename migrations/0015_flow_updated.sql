CREATE INDEX `ix_flow_updated` ON `flow` (`updated_at`,`id`,`folder_id`);
