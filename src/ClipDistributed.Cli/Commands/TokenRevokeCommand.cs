using System.CommandLine;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd token revoke</c></summary>
internal static class TokenRevokeCommand
{
    public static Command Create()
    {
        var coordinator = CommonOptions.Coordinator();
        var token = new Argument<string>("token") { Description = "Its id, as clipd token list shows it." };
        var command = new Command("revoke", "Revokes a token for good: its calls that are open end, and no other begins.")
        {
            token, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            string id = result.GetRequiredValue(token);
            using var client = coordinator.Connect(result);
            await client.CallAsync(
                calls => new AdminService.AdminServiceClient(calls).RevokeTokenAsync(new RevokeTokenRequest { TokenId = id }), cancel);
            Console.WriteLine($"token {id} is revoked");
        });
        return command;
    }
}
