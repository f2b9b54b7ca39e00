namespace ClipDistributed.Coordinator.Tests.Store;

/// <summary>SQLite files as the programs wrote them that knew no list of migrations: an ended and a running run.</summary>
internal static class OldTables
{
    private const string First = """
        CREATE TABLE "generations" ("RunId" TEXT NOT NULL, "Number" INTEGER NOT NULL, "Announced" TEXT NOT NULL, "StartStep" INTEGER NOT NULL, "Members" TEXT NOT NULL,
            CONSTRAINT "PK_generations" PRIMARY KEY ("RunId", "Number"));
        CREATE TABLE "jobs" ("JobId" TEXT NOT NULL CONSTRAINT "PK_jobs" PRIMARY KEY, "Name" TEXT NOT NULL, "RunDirectory" TEXT NOT NULL, "Submitted" TEXT NOT NULL, "Spec" BLOB NOT NULL);
        CREATE TABLE "records" ("RunId" TEXT NOT NULL, "Sequence" INTEGER NOT NULL, "Time" TEXT NOT NULL, "Record" BLOB NOT NULL, CONSTRAINT "PK_records" PRIMARY KEY ("RunId", "Sequence"));
        CREATE TABLE "runs" ("Place" INTEGER NOT NULL CONSTRAINT "PK_runs" PRIMARY KEY AUTOINCREMENT, "RunId" TEXT NOT NULL, "JobId" TEXT NOT NULL, "Name" TEXT NOT NULL, "Number" INTEGER NOT NULL,
            "RunDirectory" TEXT NOT NULL, "Term" INTEGER NOT NULL, "Phase" TEXT NOT NULL, "Reason" TEXT NOT NULL, "Generation" INTEGER NOT NULL, "Step" INTEGER NOT NULL, "Steps" INTEGER NOT NULL,
            "Loss" REAL NULL, "Submitted" TEXT NOT NULL, "Started" TEXT NULL, "Ended" TEXT NULL);
        """;

    private const string Second = """
        CREATE TABLE "coordinator" ("Id" INTEGER NOT NULL CONSTRAINT "PK_coordinator" PRIMARY KEY AUTOINCREMENT, "Term" INTEGER NOT NULL);
        INSERT INTO coordinator VALUES (1, 4);
        CREATE TABLE "generations" ("RunId" TEXT NOT NULL, "Number" INTEGER NOT NULL, "Announced" TEXT NOT NULL, "StartStep" INTEGER NOT NULL, "Term" INTEGER NOT NULL, "Members" TEXT NOT NULL,
            "Shares" TEXT NOT NULL, CONSTRAINT "PK_generations" PRIMARY KEY ("RunId", "Number"));
        CREATE TABLE "jobs" ("JobId" TEXT NOT NULL CONSTRAINT "PK_jobs" PRIMARY KEY, "Name" TEXT NOT NULL, "RunDirectory" TEXT NOT NULL, "Submitted" TEXT NOT NULL, "Spec" BLOB NOT NULL,
            "ShardRows" BLOB NOT NULL, "Streams" INTEGER NOT NULL, "ShuffleBlock" INTEGER NOT NULL, "ShareUnit" INTEGER NOT NULL);
        CREATE TABLE "records" ("RunId" TEXT NOT NULL, "Sequence" INTEGER NOT NULL, "Time" TEXT NOT NULL, "Record" BLOB NOT NULL, "ReplicaId" TEXT NOT NULL, "Generation" INTEGER NOT NULL,
            "Number" INTEGER NOT NULL, CONSTRAINT "PK_records" PRIMARY KEY ("RunId", "Sequence"));
        CREATE TABLE "replicas" ("RunId" TEXT NOT NULL, "ReplicaId" TEXT NOT NULL, "Host" TEXT NOT NULL, "Kind" TEXT NOT NULL, "DeviceIndex" INTEGER NOT NULL, "Restores" INTEGER NOT NULL,
            "Launched" TEXT NOT NULL, "Released" TEXT NULL, "Evidence" TEXT NOT NULL, CONSTRAINT "PK_replicas" PRIMARY KEY ("RunId", "ReplicaId"));
        CREATE TABLE "runs" ("Place" INTEGER NOT NULL CONSTRAINT "PK_runs" PRIMARY KEY AUTOINCREMENT, "RunId" TEXT NOT NULL, "JobId" TEXT NOT NULL, "Name" TEXT NOT NULL, "Number" INTEGER NOT NULL,
            "RunDirectory" TEXT NOT NULL, "Phase" TEXT NOT NULL, "Reason" TEXT NOT NULL, "Generation" INTEGER NOT NULL, "Step" INTEGER NOT NULL, "Steps" INTEGER NOT NULL, "Loss" REAL NULL,
            "Attempt" INTEGER NOT NULL, "RecordedStep" INTEGER NOT NULL, "Kind" TEXT NOT NULL, "Launched" INTEGER NOT NULL, "Wish" TEXT NOT NULL, "EndPhase" TEXT NOT NULL, "EndReason" TEXT NOT NULL,
            "Submitted" TEXT NOT NULL, "Started" TEXT NULL, "Ended" TEXT NULL);
        CREATE INDEX "IX_records_RunId_Generation_ReplicaId" ON "records" ("RunId", "Generation", "ReplicaId");
        """;

    private const string Both = """
        CREATE UNIQUE INDEX "IX_runs_Name_Number" ON "runs" ("Name", "Number");
        CREATE UNIQUE INDEX "IX_runs_RunId" ON "runs" ("RunId");
        """;

    private const string FirstRows = """
        INSERT INTO jobs VALUES ('old', 'old', '/old', '2026-01-02 03:04:05', x'0a');
        INSERT INTO runs VALUES (1, 'old-1', 'old', 'old', 1, '/old', 1, 'Succeeded', '', 1, 40, 40, 2.5, '2026-01-02 03:04:05', '2026-01-02 03:04:06', '2026-01-02 03:05:00'),
            (2, 'old-2', 'old', 'old', 2, '/old', 1, 'Running', '', 1, 7, 40, 3.5, '2026-01-02 04:04:05', '2026-01-02 04:04:06', NULL);
        INSERT INTO records VALUES ('old-1', 1, '2026-01-02 03:04:07', x'0a100a046b696e6412081a066661696c65640a180a047465787412101a0e6e6f207370616365206f6e202f78');
        INSERT INTO generations VALUES ('old-2', 1, '2026-01-02 04:04:06', 0, 'old-2-r1 on a cpu:0');
        """;

    private const string SecondRows = """
        INSERT INTO jobs VALUES ('old', 'old', '/old', '2026-01-02 03:04:05', x'0a', x'', 2, 6, 1);
        INSERT INTO runs VALUES
            (1, 'old-1', 'old', 'old', 1, '/old', 'Succeeded', '', 1, 40, 40, 2.5, 1, 40, 'Cpu', 1, 'Unspecified', 'Succeeded', '', '2026-01-02 03:04:05', '2026-01-02 03:04:06', '2026-01-02 03:05:00'),
            (2, 'old-2', 'old', 'old', 2, '/old', 'Running', '', 1, 7, 40, 3.5, 1, 7, 'Cpu', 1, 'Unspecified', 'Unspecified', '', '2026-01-02 04:04:05', '2026-01-02 04:04:06', NULL);
        INSERT INTO records VALUES ('old-1', 1, '2026-01-02 03:04:07', x'0a100a046b696e6412081a066661696c65640a180a047465787412101a0e6e6f207370616365206f6e202f78', 'old-1-r1', 1, 1);
        INSERT INTO generations VALUES ('old-2', 1, '2026-01-02 04:04:06', 0, 4, 'old-2-r1', '8');
        """;

    public static string Of(int version) => $"{(version == 1 ? First : Second)}{Both} PRAGMA user_version={version};";

    public static string RowsOf(int version) => version == 1 ? FirstRows : SecondRows;
}
