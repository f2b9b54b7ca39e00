using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.TestKit.Processes;
using ClipDistributed.TestKit.Records;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd run watch</c>: through broken streams and absent coordinators to the end of the run.</summary>
public sealed class RunWatchCommandTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Fact]
    public async Task RunWatch_BrokenStream_GoesOnBehindTheLastRecord()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Sends(new RunRecord { Started = SampleRecords.Started(attempt: 1, step: 0, steps: 2) });
        control.Sends(NoticeRecord.Of(1, "first notice"));
        control.Sends(NoticeRecord.Of(2, "second notice"));
        control.BreakAfter = 2;

        var result = Clipd.Run(Folder, "run", "watch", "demo-1", "--coordinator", control.Address);

        Assert.Equal(0, result.ExitCode);
        Assert.Equal([0, 2], control.WatchedAfter);
        Assert.Equal(
            [
                "attempt 1: 0.71 M parameters, global batch 512, micro-batch 256, 1 replica of 2 threads",
                "first notice",
                "second notice",
                "demo-1 succeeded · step 2 of 2 · last step's loss 1.500 · /runs/demo",
            ],
            result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        );
        Assert.Contains("the link is gone", Assert.Single(result.ErrorLines));
    }

    /// <summary>Who looks at a run that began long ago sees when what happened.</summary>
    [Fact]
    public async Task RunWatch_EventsFromBefore_HaveTheirTimes()
    {
        await using var control = await ScriptedControl.StartAsync();
        var old = NoticeRecord.Of(1, "a replica was lost");
        old.Time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).ToTimestamp();
        var recent = NoticeRecord.Of(2, "another one was lost");
        recent.Time = DateTimeOffset.UtcNow.AddMinutes(1).ToTimestamp();
        control.Sends(old);
        control.Sends(recent);
        var result = Clipd.Run(Folder, "run", "watch", "demo-1", "--coordinator", control.Address);
        Assert.Equal(["2026-01-02 03:04:05Z  a replica was lost", "another one was lost"], result.Output.Split('\n')[..2]);
    }

    /// <summary>For longer than the seconds for which other commands try; side by side, because each waits for that long.</summary>
    [Fact]
    public Task Watch_CoordinatorIsUnavailableForLong_KeepsTrying() => Task.WhenAll(
        LoseCoordinatorAsync("run watch demo-1"),
        LoseCoordinatorAsync("submit spec.yaml --watch"),
        BeginWithoutCoordinatorAsync());

    private static async Task LoseCoordinatorAsync(string command)
    {
        string folder = Directory.CreateTempSubdirectory("clipd-test-").FullName;
        File.WriteAllText(Path.Combine(folder, "spec.yaml"), "name: demo\ndata: {train: [{path: data/train}]}\n");
        var first = await ScriptedControl.StartAsync();
        first.Run.State = RunState.Running;
        first.Silent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string address = first.Address;
        var watching = Task.Run(() => Clipd.Run(folder, [.. command.Split(' '), "--coordinator", address]));
        await first.Silent.Task;
        await first.DisposeAsync();
        await ComesBackAsync(address, watching);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>The run may go on without it.</summary>
    private static async Task BeginWithoutCoordinatorAsync()
    {
        var ended = await ScriptedControl.StartAsync();
        await ended.DisposeAsync();
        await ComesBackAsync(ended.Address, Task.Run(() => Clipd.Run(Folder, "run", "watch", "demo-1", "--coordinator", ended.Address)));
    }

    [Theory]
    [InlineData(RunState.Stopped, 75)]
    [InlineData(RunState.Failed, 1)]
    [InlineData(RunState.Cancelled, 1)]
    [InlineData(RunState.Running, 3)] // the coordinator ended the watch too early
    public async Task RunWatch_EndOfARun_IsTheExitCode(RunState state, int exitCode)
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Run.State = state;
        Assert.Equal(exitCode, Clipd.Run(Folder, "run", "watch", "demo-1", "--coordinator", control.Address).ExitCode);
    }

    private static async Task ComesBackAsync(string address, Task<ClipdResult> watching)
    {
        await Task.WhenAny(watching, Task.Delay(TimeSpan.FromSeconds(8))); // without that, it would give up after five
        Assert.False(watching.IsCompleted);
        await using var second = await ScriptedControl.StartAsync(new Uri(address).Port);
        var result = await watching;
        Assert.Equal(0, result.ExitCode);
        string line = "a run goes on without it; trying again until it answers; Ctrl-C ends that, and clipd run watch demo-1 looks again";
        Assert.Contains(line, result.Errors, StringComparison.Ordinal);
    }
}
