using System.CommandLine;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd token list</c></summary>
internal static class TokenListCommand
{
    public static Command Create()
    {
        var coordinator = CommonOptions.Coordinator();
        var output = CommonOptions.Output();
        var command = new Command("list", "Lists a coordinator's tokens, newest first, without their texts.") { output, coordinator };
        command.SetAction(async (result, cancel) =>
        {
            using var client = coordinator.Connect(result);
            var tokens = await client.TokensAsync(cancel);
            if (CommonOptions.IsJson(result, output))
                JsonOutput.Write(tokens);
            else
                TokenListing.Of(tokens, DateTimeOffset.UtcNow).Write();
        });
        return command;
    }
}
