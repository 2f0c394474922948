import type { Connection } from "mysql2/promise";

/** Makes the table `kinds` with a column of every type and two rows: one of values at the types' limits, one of nulls. */
export async function makeKinds(connection: Connection): Promise<void> {
  await connection.query(`CREATE TABLE kinds (id INT PRIMARY KEY, tiny TINYINT, flag BOOL, small SMALLINT UNSIGNED, middle MEDIUMINT, whole INT, positive INT UNSIGNED, big BIGINT, huge BIGINT UNSIGNED,
    price DECIMAL(18,4), long_price DECIMAL(65,30), single FLOAT, ratio DOUBLE, one BIT(1), bits BIT(12), bits64 BIT(64), born DATE, at DATETIME(6), stamp TIMESTAMP(3) NULL, clock TIME(1), built YEAR,
    fixed CHAR(5), words VARCHAR(50) CHARACTER SET utf8mb4, latin VARCHAR(10) CHARACTER SET latin1, story TEXT, kind ENUM('a','b c'), several SET('x','y','z'), document JSON,
    packed BINARY(3), bytes VARBINARY(10), image BLOB, place POINT, \`odd \`\`name\` INT)`);
  await connection.query("SET SESSION time_zone = '+02:00'");
  await connection.query(`INSERT INTO kinds VALUES (1, -128, true, 65535, -8388608, -2147483648, 4294967295, -9223372036854775808, 18446744073709551615,
    -12345678901234.5678, 1.000000000000000000000000000001, 16777217, 0.1, b'1', b'101010101010', b'1111111111111111111111111111111111111111111111111111111111111111', '2013-02-28', '2013-01-01 10:15:00.250001', '2013-01-01 10:15:00.250', '-838:59:58.5', 2155,
    'ab', 'naïve 🚀 ''x'' \\\\', 'é', 'line\\nline', 'b c', 'x,z', '{"n": 9007199254740993, "a": [1, null]}',
    x'00ff10', x'00', x'ffd8ff', ST_GeomFromText('POINT(1 2)'), 7)`);
  await connection.query("SET SESSION time_zone = '+00:00'");
  await connection.query("INSERT INTO kinds (id) VALUES (2)");
}
