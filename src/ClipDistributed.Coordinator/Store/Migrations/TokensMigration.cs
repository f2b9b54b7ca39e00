using ClipDistributed.Coordinator.Store.Rows;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace ClipDistributed.Coordinator.Store.Migrations;

/// <summary>Tokens of the control API and of worker hosts.</summary>
[DbContext(typeof(CoordinatorDb))]
[Migration(Id)]
internal sealed class TokensMigration : Migration
{
    public const string Id = "20261210000000_Tokens";

    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.CreateTable("tokens", table => new
    {
        TokenId = table.Column<string>(),
        Hash = table.Column<byte[]>(),
        Role = table.Column<string>(),
        Owner = table.Column<string>(),
        Host = table.Column<string>(),
        RunId = table.Column<string>(),
        Created = table.Column<DateTime>(),
        Expires = table.Column<DateTime>(nullable: true),
        Revoked = table.Column<DateTime>(nullable: true),
        LastUsed = table.Column<DateTime>(nullable: true),
    }, constraints: table => table.PrimaryKey("PK_tokens", token => token.TokenId));
}
