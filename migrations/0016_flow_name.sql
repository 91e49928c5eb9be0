CREATE INDEX `ix_flow_name_id` ON `flow` (`name`,`id`,`folder_id`,`is_component`);
