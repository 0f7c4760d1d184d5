DROP TABLE cad_rendered_views;
DROP TABLE cad_manufacturing_features;
DROP TABLE cad_assembly_relations;
DROP TABLE cad_model_embeddings;
DROP TABLE cad_models;
