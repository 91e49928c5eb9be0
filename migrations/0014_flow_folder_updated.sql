CREATE INDEX `ix_flow_folder_updated` ON `flow` (`folder_id`,`updated_at`,`id`,`is_component`);
