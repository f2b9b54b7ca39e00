using ClipDistributed.Contracts.Spec.V1;
using ClipDistributed.Training.Checkpoints;
using Microsoft.Extensions.Time.Testing;

namespace ClipDistributed.Training.Tests.Checkpoints;

public sealed class CheckpointScheduleTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public void IsDue_ByCount_AtEveryMultiple()
    {
        var schedule = Schedule(everySteps: 5);
        Assert.Equal([5, 10, 15], Enumerable.Range(1, 17).Where(step => schedule.IsDue(step)));
    }

    [Fact]
    public void IsDue_ByTime_OnceTheMinutesHavePassedSinceTheLastCopy()
    {
        var schedule = Schedule(everyMinutes: 10);
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.False(schedule.IsDue(1));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.True(schedule.IsDue(2));
        schedule.OnTaken();
        Assert.False(schedule.IsDue(3));
        time.Advance(TimeSpan.FromMinutes(10));
        Assert.True(schedule.IsDue(4));
    }

    [Fact]
    public void IsDue_SwitchedOff_Never()
    {
        var schedule = Schedule();
        time.Advance(TimeSpan.FromDays(30));
        Assert.DoesNotContain(Enumerable.Range(1, 100), step => schedule.IsDue(step));
    }

    [Fact]
    public void IsDue_OwedOne_AtTheNextStepUntilItIsTaken()
    {
        var schedule = Schedule();
        schedule.Defer();
        Assert.True(schedule.IsDue(7));
        Assert.True(schedule.IsDue(8));
        schedule.OnTaken();
        Assert.False(schedule.IsDue(9));
    }

    [Fact]
    public void IsDue_EveryWriteFails_RetriesAfterTwiceAsManyStepsEachTime()
    {
        var schedule = Schedule(everySteps: 1000);
        var tried = new List<int>();
        for (int step = 1000; step < 1400; step++)
        {
            if (!schedule.IsDue(step))
                continue;
            tried.Add(step);
            schedule.OnTaken();
            schedule.OnFailed();
        }
        Assert.Equal([1000, 1001, 1003, 1007, 1015, 1031, 1063, 1127, 1191, 1255, 1319, 1383], tried);
        schedule.OnWritten();
        Assert.True(schedule.IsDue(2000));
        schedule.OnTaken();
        schedule.OnFailed();
        Assert.True(schedule.IsDue(2001)); // the pause begins afresh
    }

    [Theory]
    [InlineData(10, 14, false)]
    [InlineData(5, 14, true)]
    [InlineData(10, 10, false)]
    [InlineData(0, 4, false)]
    [InlineData(0, 5, true)]
    public void IsBehind_NewestCheckpoint_LacksAMultiple(long newest, long applied, bool behind) =>
        Assert.Equal(behind, Schedule(everySteps: 5).IsBehind(newest, applied));

    private CheckpointSchedule Schedule(uint everySteps = 0, double everyMinutes = 0) =>
        new(new CheckpointSpec { EverySteps = everySteps, EveryMinutes = everyMinutes }, time);
}
