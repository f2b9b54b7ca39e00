using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.PoisonRows;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Data.Streams;
using Generation = ClipDistributed.Coordinator.Generations.Generation;

namespace ClipDistributed.Coordinator.Tests.PoisonRows;

public class CrashSuspicionTests
{
    private static readonly StreamOrder Order = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);

    // A generation is written as its last applied step and how a member ended: c crashed, k was killed, - none did.
    [Theory]
    [InlineData("9c 9c", true)]
    [InlineData("9c 12c", true)] // rows are decoded ahead of the step in flight
    [InlineData("9c 10k 11- 12c", true)]
    [InlineData("22c 20c", true)] // from a checkpoint
    [InlineData("9c", false)]
    [InlineData("9k 9k 9k", false)] // by others
    [InlineData("9c 18c", false)]
    [InlineData("9c 30- 10c", false)] // it was passed
    [InlineData("9c 9c 9c", false)] // looked at already
    [InlineData("9c 9c 9c 9c", true)]
    public void Note_GenerationsEnd_SuspectsWhatCrashesTwiceInOnePlace(string generations, bool expected)
    {
        var suspicion = new CrashSuspicion();
        bool isSuspect = false;
        foreach (string word in generations.Split(' '))
            isSuspect = suspicion.Note(Generation(long.Parse(word[..^1], System.Globalization.CultureInfo.InvariantCulture), word[^1]));
        Assert.Equal(expected, isSuspect);
    }

    [Fact]
    public void Evidence_NamesTheReplicaAndItsEnd()
    {
        var suspicion = new CrashSuspicion();
        suspicion.Note(Generation(9, 'c'));
        Assert.Equal("replica r1 on host a was ended by signal 6 (SIGABRT) at step 9: free(): invalid pointer", suspicion.Evidence);
    }

    private static Generation Generation(long applied, char end)
    {
        var (well, ends) = (Replica(0, applied), Replica(1, applied));
        if (end != '-')
        {
            ends.OnExit(end == 'c' ? new ProcessExit(134, "free(): invalid pointer") : new ProcessExit(137, ""));
            ends.OnLinkLost(TimeSpan.Zero);
        }
        return new Generation(1, [well, ends], applied, new AssignmentPlan(Order, 1, Shares.Even(8, 2), 60, 64), TimeSpan.Zero);
    }

    private static Replica Replica(int rank, long applied)
    {
        var member = new Replica($"r{rank}", new DeviceId("a", DeviceKind.Cpu, rank), restores: false, TimeSpan.Zero);
        member.OnHello(new ReplicaLink(1), new Hello { AppliedStep = applied }, TimeSpan.Zero);
        member.Begin(rank, applied, TimeSpan.Zero);
        return member;
    }
}
