-- With the author, for the revisions that follow: whose flow lies where, without reading a graph.
CREATE INDEX `ix_flow_folder_name` ON `flow` (`folder_id`,`name`,`id`,`user_id`,`is_component`);
