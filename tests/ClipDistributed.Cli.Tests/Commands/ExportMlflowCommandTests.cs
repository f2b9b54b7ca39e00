using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Cli.Tests.Exports;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Files;
using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>The real command, of a run of a coordinator and of a directory.</summary>
public sealed class ExportMlflowCommandTests
{
    [Fact]
    public async Task Export_ByIdAndByDirectory_IsOneRunOfMlflow()
    {
        using var written = new WrittenRun();
        await using var mlflow = await ScriptedMlflow.StartAsync();
        await using var control = await ScriptedControl.StartAsync();
        written.Steps(1, 3);
        (control.Run.RunDirectory, control.Run.State) = (written.Directory.Root, RunState.Failed);
        string folder = Path.GetDirectoryName(written.Directory.Root)!;

        var first = Clipd.Run(
            folder, "export", "mlflow", "demo-1", "--url", mlflow.Address, "--experiment", "e", "--coordinator", control.Address);

        Assert.Equal((0, ""), (first.ExitCode, first.Errors));
        Assert.StartsWith("demo-1: 3 records, ", first.Output, StringComparison.Ordinal);
        Assert.Equal(("FAILED", "demo-1"), (mlflow.Runs[0].Status, mlflow.Runs[0].Name));
        written.Steps(4, 4);
        var second = Clipd.Run(folder, "export", "mlflow", "./demo", "--url", mlflow.Address, "--experiment", "e", "-o", "json");
        Assert.Contains("\"records_before\": 3", second.Output, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3, 4], Assert.Single(mlflow.Runs).Metrics.Where(one => one.Key == "loss").Select(one => one.Step));
    }

    /// <summary>So none stays where it is killed, at whichever moment that is.</summary>
    [Fact]
    public async Task Export_OfACoordinator_ShowsNoTemporaryFileWhileItSends()
    {
        using var written = new WrittenRun();
        using var temporary = new TemporaryFolder();
        await using var mlflow = await ScriptedMlflow.StartAsync();
        await using var control = await ScriptedControl.StartAsync();
        written.Steps(1, 3);
        control.Run.RunDirectory = written.Directory.Root;
        var (found, calls) = (new List<string>(), 0);
        mlflow.OnCall = () =>
        {
            found.AddRange(Directory.EnumerateFileSystemEntries(temporary.Path, "clipd*"));
            calls++;
        };
        using var clipd = Clipd.StartThrough(
            ["env", $"TMPDIR={temporary.Path}"], temporary.Path, "export", "mlflow", "demo-1", "--url", mlflow.Address,
            "--coordinator", control.Address);

        Assert.Equal(0, clipd.Finish().ExitCode);
        Assert.True(calls > 3);
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("--url is 'x'; give the address", "--url", "x")]
    [InlineData("--url is missing; give the address")]
    [InlineData("--every is less than 1", "--url", "http://127.0.0.1:1", "--every", "0")]
    [InlineData("--access-token-file is none, which is not there", "--url", "http://127.0.0.1:1", "--access-token-file", "none")]
    public void Export_Mistake_IsOneLine(string line, params string[] options)
    {
        using var written = new WrittenRun();
        written.Steps(1, 1);
        var refused = Clipd.Run(Path.GetDirectoryName(written.Directory.Root)!, ["export", "mlflow", "./demo", .. options]);
        Assert.Equal(2, refused.ExitCode);
        Assert.StartsWith($"error: {line}", refused.Errors, StringComparison.Ordinal);
    }
}
