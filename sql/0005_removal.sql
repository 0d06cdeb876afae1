-- A tenant's lanes outlive it, retired: what a gateway still accepts by the directory that it knew before is sent.
ALTER TABLE lane DROP CONSTRAINT lane_tenant_id_fkey;
