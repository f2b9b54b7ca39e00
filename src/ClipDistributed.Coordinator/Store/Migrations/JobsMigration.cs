using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Migrations.Operations.Builders;
using Microsoft.EntityFrameworkCore.Migrations.Operations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Jobs, runs and their records. Columns name no types: each database maps the types of C#.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class JobsMigration : Migration
{
    public const string Id = "20260101000000_Jobs";

    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.CreateTable("jobs", table => new
        {
            JobId = table.Column<string>(),
            Name = table.Column<string>(),
            RunDirectory = table.Column<string>(),
            Submitted = table.Column<DateTime>(),
            Spec = table.Column<byte[]>(),
        }, constraints: table => table.PrimaryKey("PK_jobs", job => job.JobId));
        migrationBuilder.CreateTable("runs", table => new
        {
            Place = Numbered(table),
            RunId = table.Column<string>(),
            JobId = table.Column<string>(),
            Name = table.Column<string>(),
            Number = table.Column<int>(),
            RunDirectory = table.Column<string>(),
            Term = table.Column<long>(),
            Phase = table.Column<string>(),
            Reason = table.Column<string>(),
            Generation = table.Column<long>(),
            Step = table.Column<long>(),
            Steps = table.Column<long>(),
            Loss = table.Column<double>(nullable: true),
            Submitted = table.Column<DateTime>(),
            Started = table.Column<DateTime>(nullable: true),
            Ended = table.Column<DateTime>(nullable: true),
        }, constraints: table => table.PrimaryKey("PK_runs", run => run.Place));
        migrationBuilder.CreateIndex("IX_runs_RunId", "runs", "RunId", unique: true);
        migrationBuilder.CreateIndex("IX_runs_Name_Number", "runs", ["Name", "Number"], unique: true);
        migrationBuilder.CreateTable("generations", table => new
        {
            RunId = table.Column<string>(),
            Number = table.Column<long>(),
            Announced = table.Column<DateTime>(),
            StartStep = table.Column<long>(),
            Members = table.Column<string>(),
        }, constraints: table => table.PrimaryKey("PK_generations", generation => new { generation.RunId, generation.Number }));
        migrationBuilder.CreateTable("records", table => new
        {
            RunId = table.Column<string>(),
            Sequence = table.Column<long>(),
            Time = table.Column<DateTime>(),
            Record = table.Column<byte[]>(),
        }, constraints: table => table.PrimaryKey("PK_records", record => new { record.RunId, record.Sequence }));
    }

    /// <summary>Each database takes the word that is meant for it.</summary>
    private static OperationBuilder<AddColumnOperation> Numbered(ColumnsBuilder table) => table.Column<long>()
        .Annotation("Sqlite:Autoincrement", true)
        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn);
}
