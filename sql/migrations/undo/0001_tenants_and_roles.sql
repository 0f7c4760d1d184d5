DROP FUNCTION protect_tenant_table(regclass, text);
DROP TABLE tenants;
