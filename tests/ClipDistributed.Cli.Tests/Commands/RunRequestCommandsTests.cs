using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tests.Coordinators;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Processes;
using Grpc.Core;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary><c>clipd run pause</c>, <c>resume</c>, <c>stop</c> and <c>cancel</c>: what they say follows from the run's state.</summary>
public sealed class RunRequestCommandsTests
{
    private static readonly string Folder = Path.GetTempPath();

    [Theory]
    [InlineData("pause", RunState.Running, "demo-1 pauses after its step and gives back its devices; clipd run resume demo-1 goes on")]
    [InlineData("pause", RunState.Paused, "demo-1 was paused already; clipd run resume demo-1 goes on")]
    [InlineData("resume", RunState.Running, "demo-1 is running and was not paused; nothing was changed")]
    [InlineData("stop", RunState.Stopping, "demo-1 was on its way to stop already; clipd run watch demo-1 shows when it has")]
    [InlineData("cancel", RunState.Running, "demo-1 is cancelled")]
    public async Task Request_RunInAState_SaysWhatIsTheCase(string verb, RunState before, string expected)
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Run.State = before;
        var result = Clipd.Run(Folder, "run", verb, "demo-1", "--coordinator", control.Address);
        Assert.Equal((0, $"{expected}\n"), (result.ExitCode, result.Output));
        Assert.Equal([verb], control.Asked);
    }

    [Fact]
    public async Task Request_RunHasEnded_IsRefusedAsBadInput()
    {
        await using var control = await ScriptedControl.StartAsync();
        control.Refusal = new RpcException(new Status(StatusCode.FailedPrecondition, "run demo-1 has ended: succeeded"));
        var result = Clipd.Run(Folder, "run", "stop", "demo-1", "--coordinator", control.Address);
        Assert.Equal((2, "", "error: run demo-1 has ended: succeeded\n"), (result.ExitCode, result.Output, result.Errors));
    }

    /// <summary>No two states that differ in what a request does to them are confirmed alike.</summary>
    [Fact]
    public void Confirmations_StatesThatAreThereAlready_AreNotSaidToCome()
    {
        foreach (var state in Enum.GetValues<RunState>().Where(state => !state.HasEnded()))
        {
            Assert.Equal(
                state is RunState.Paused or RunState.Pausing,
                Confirmations.Pause("r", state).Contains("already", StringComparison.Ordinal));
            Assert.Equal(
                state is not (RunState.Paused or RunState.Pausing),
                Confirmations.Resume("r", state).EndsWith("nothing was changed", StringComparison.Ordinal));
            Assert.Equal(state == RunState.Stopping, Confirmations.Stop("r", state).Contains("already", StringComparison.Ordinal));
        }
    }
}
