using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>The ids that clients gave their submissions: a repeated one begins no other run, not even after a restart.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class RequestsMigration : Migration
{
    public const string Id = "20261212000000_Requests";

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable("requests", table => new
    {
        RequestId = table.Column<string>(),
        Digest = table.Column<byte[]>(),
        Accepted = table.Column<DateTime>(),
        JobId = table.Column<string>(),
        RunId = table.Column<string>(),
        Notices = table.Column<string>(),
    }, constraints: table => table.PrimaryKey("PK_requests", request => request.RequestId));
}
