using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Dashboard.Actions;

namespace ClipDistributed.Dashboard.Tests.Actions;

public sealed class RunVerbsTests
{
    [Theory]
    [InlineData(RunState.Pending, "Pause Checkpoint Scale Stop Cancel")]
    [InlineData(RunState.Running, "Pause Checkpoint Scale Stop Cancel")]
    [InlineData(RunState.Recovering, "Pause Checkpoint Scale Stop Cancel")]
    [InlineData(RunState.Paused, "Resume Scale Stop Cancel")]
    [InlineData(RunState.Pausing, "Resume Scale Stop Cancel")]
    [InlineData(RunState.Preempted, "Pause Checkpoint Scale Stop Cancel")]
    [InlineData(RunState.Stopping, "Cancel")]
    [InlineData(RunState.Succeeded, "Delete")]
    [InlineData(RunState.Failed, "Delete")]
    [InlineData(RunState.Cancelled, "Delete")]
    public void Refusal_EachState_AllowsWhatTheApiAccepts(RunState state, string allowed)
    {
        var run = new Run { State = state, PreemptedBy = state == RunState.Preempted ? "other-1" : "" };
        Assert.Equal(allowed, string.Join(' ', RunVerbs.All.Where(verb => RunVerbs.Refusal(verb, run) is null)));
        Assert.All(RunVerbs.All, verb => Assert.NotEqual("", RunVerbs.Refusal(verb, run)));
    }

    [Fact]
    public void Refusal_RunThatMakesWay_MayBePausedForGood()
    {
        var run = new Run { State = RunState.Pausing, PreemptedBy = "other-1" };
        Assert.Null(RunVerbs.Refusal(RunVerb.Pause, run));
        Assert.NotNull(RunVerbs.Refusal(RunVerb.Resume, run));
    }
}
