/// Makes a key for every tenant at once, in the form that `APIKey` of the module Directory checks: a prefix, 40 characters, and
/// six of base 62 from the first five bytes of their digest.
enum KeyStatement {
    static let sql = """
        WITH body AS (
            SELECT id, 'sk_live_' || lpad(id::text, 40, '0') AS text FROM tenant
        ), digest AS (
            SELECT id, text, ('x' || encode(substr(sha256(text::bytea), 1, 5), 'hex'))::bit(40)::bigint AS value FROM body
        ), key AS (
            SELECT id, text || (
                SELECT string_agg(
                    substr(
                        '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz',
                        (value / (62::numeric ^ place)::bigint % 62)::integer + 1, 1
                    ), '' ORDER BY place
                ) FROM generate_series(0, 5) AS place
            ) AS text FROM digest
        ), made AS (
            INSERT INTO api_key (id, tenant_id, hash, hint)
            SELECT gen_random_uuid(), id, sha256(text::bytea), left(text, 12) FROM key
        )
        SELECT key.text FROM key JOIN tenant USING (id) ORDER BY substr(tenant.name, 2)::integer;
        """
}
