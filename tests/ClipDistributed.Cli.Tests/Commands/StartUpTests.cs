using System.Text;
using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.TestKit.Files;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>Commands that only ask a coordinator start as quickly as any small program.</summary>
public sealed class StartUpTests
{
    [Fact]
    public async Task RunList_AnsweredByACoordinator_LoadsNoTensorsDatabaseOrServer()
    {
        await using var control = await ScriptedControl.StartAsync();
        using var folder = new TemporaryFolder();
        // The runtime itself writes down each assembly that it loads.
        string[] traced =
        [
            "env", "DOTNET_EnableEventPipe=1", $"DOTNET_EventPipeOutputPath={folder.File("trace")}",
            "DOTNET_EventPipeConfig=Microsoft-Windows-DotNETRuntime:0x8:4",
        ];
        using var clipd = Clipd.StartThrough(traced, folder.Path, "run", "list", "--coordinator", control.Address);
        Assert.Equal(0, clipd.Finish().ExitCode);

        byte[] trace = await File.ReadAllBytesAsync(folder.File("trace"), TestContext.Current.CancellationToken);
        Assert.True(IsLoaded("Grpc.Net.Client"));
        string[] needless =
        [
            "TorchSharp", "Microsoft.EntityFrameworkCore", "Microsoft.Data.Sqlite", "Npgsql", "Microsoft.AspNetCore.Server.Kestrel.Core",
            "Grpc.AspNetCore.Server", "SkiaSharp", "Serilog",
        ];
        Assert.DoesNotContain(needless, IsLoaded);

        bool IsLoaded(string assembly) => trace.AsSpan().IndexOf(Encoding.Unicode.GetBytes($"{assembly}, Version=")) >= 0;
    }
}
