using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Coordinator.Assignments;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.Replicas;
using ClipDistributed.Data.Streams;
using CsCheck;
using Generation = ClipDistributed.Coordinator.Generations.Generation;

namespace ClipDistributed.Coordinator.Tests.Generations;

public class GenerationOutcomeTests
{
    private static readonly StreamOrder Order = new([50, 30], seed: 1, globalBatch: 8, streams: 2, shuffleBlock: 5);

    private readonly Replica a = Linked("r1", "a", 0), b = Linked("r2", "b", 1);

    [Fact]
    public void Judge_NothingSeen_GoesOn() => Assert.IsType<GenerationOutcome.GoesOn>(Judge());

    [Fact]
    public void Judge_CollectiveFailed_WaitsForTheOthersReports()
    {
        a.OnFailure(Collective(4));
        Assert.IsType<GenerationOutcome.Broken>(Judge());
        b.OnFailure(Collective(4));
        Assert.Equal("the collective group failed though none of its replicas died (closed)", Settled().Reason);
    }

    [Fact]
    public void Judge_CollectiveFailedThenExit_BlamesTheExit()
    {
        a.OnFailure(Collective(4));
        b.OnLinkLost(TimeSpan.Zero);
        Assert.IsType<GenerationOutcome.Broken>(Judge()); // it may come back
        b.OnExit(new ProcessExit(139, ""));
        Assert.Equal("replica r2 on host b was ended by signal 11 (SIGSEGV) at step 4", Settled().Reason);
    }

    [Fact]
    public void Judge_ExitBeforeItsLastMessagesWereReceived_WaitsForThem()
    {
        b.OnExit(new ProcessExit(2, ""));
        Assert.IsType<GenerationOutcome.GoesOn>(Judge());
        b.OnFailure(new Failure { Kind = FailureKind.BadInput, Errors = { "no column", "no rows" } });
        Assert.Equal((RunState.Failed, "host b (replica r2): no column | no rows"), (Over().State, Over().Reason));
    }

    [Fact]
    public void Judge_Stuck_IsBrokenAndSaysWhy()
    {
        var stuck = Of(a, b);
        stuck.Stuck = "all 2 replicas waited for each other for 10 s at step 5";
        Assert.IsType<GenerationOutcome.Broken>(GenerationOutcome.Judge(stuck));
        a.OnFailure(Collective(4));
        b.OnFailure(Collective(4));
        Assert.Equal(new GenerationOutcome.Settled(stuck.Stuck), GenerationOutcome.Judge(stuck));
        b.OnExit(new ProcessExit(137, ""));
        b.OnLinkLost(TimeSpan.Zero);
        Assert.Equal(
            new GenerationOutcome.Settled("replica r2 on host b was ended by signal 9 (SIGKILL) at step 4"),
            GenerationOutcome.Judge(stuck)
        );
    }

    [Fact]
    public void Judge_AllEnded_SaysHow()
    {
        a.OnEnded(Ended(9, finished: true));
        Assert.IsType<GenerationOutcome.GoesOn>(Judge());
        b.OnEnded(Ended(9, finished: true));
        Assert.Equal((RunState.Succeeded, ""), (Over().State, Over().Reason));
    }

    [Fact]
    public void Judge_AllStopped_IsStoppedUnlessTheyRegroup()
    {
        a.OnEnded(Ended(9, finished: false));
        b.OnEnded(Ended(9, finished: false));
        Assert.Equal((RunState.Stopped, "stopped after step 9, saved; clipd submit SPEC --resume goes on"), (Over().State, Over().Reason));
        var regrouping = Of(a, b);
        regrouping.Order(CommandKind.Regroup);
        Assert.Equal(new GenerationOutcome.Settled(""), GenerationOutcome.Judge(regrouping));
    }

    [Fact]
    public void Judge_RankZeroEndedAndExited_ItsReportCounts()
    {
        a.OnEnded(Ended(9, finished: true));
        a.OnLinkLost(TimeSpan.Zero);
        Assert.IsType<GenerationOutcome.GoesOn>(Judge());
        b.OnEnded(Ended(9, finished: true));
        Assert.Equal(RunState.Succeeded, Over().State);
    }

    [Fact]
    public void Judge_RankZeroLostBeforeItEnded_IsNotTheEnd()
    {
        b.OnEnded(Ended(9, finished: true));
        a.OnLinkLost(TimeSpan.Zero);
        Assert.IsType<GenerationOutcome.GoesOn>(Judge()); // it may come back
        a.OnExit(new ProcessExit(137, ""));
        Assert.Equal("replica r1 on host a was ended by signal 9 (SIGKILL) at step 4", Settled().Reason);
    }

    [Fact]
    public void Judge_OneLostDuringAStop_IsNotTheEnd()
    {
        a.OnEnded(Ended(9, finished: false));
        b.OnLinkLost(TimeSpan.Zero);
        b.OnExit(new ProcessExit(137, ""));
        Assert.StartsWith("replica r2", Settled().Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Judge_HostAndLinkLost_GoesOnUntilTheGroupFails()
    {
        a.OnHostLost();
        a.OnLinkLost(TimeSpan.Zero);
        Assert.IsType<GenerationOutcome.GoesOn>(Judge());
        b.OnFailure(Collective(4));
        Assert.IsType<GenerationOutcome.Broken>(Judge());
    }

    [Fact]
    public void Judge_Evicted_ItsEvidenceStays()
    {
        b.Evict("sent no heartbeat for 3.0 s");
        a.OnFailure(Collective(4));
        b.OnLinkLost(TimeSpan.Zero);
        b.OnExit(new ProcessExit(137, ""));
        Assert.Equal("replica r2 on host b sent no heartbeat for 3.0 s at step 4", Settled().Reason);
    }

    [Fact]
    public void Judge_WhateverHappened_KeepsItsLaws() =>
        Gen.Select(Gen.Int[0, 6].Array[0, 4].Array[1, 4], Gen.Bool).Sample((events, regrouping) =>
        {
            var members = events.Select((_, rank) => Linked($"r{rank}", "a", rank)).ToArray();
            for (int rank = 0; rank < members.Length; rank++)
            {
                foreach (int what in events[rank])
                    Befall(members[rank], what);
            }
            var generation = Of(members);
            if (regrouping)
                generation.Order(CommandKind.Regroup);
            bool refused = members.Any(member => member.Seat.Failure?.Kind == FailureKind.BadInput);
            bool allReported = members.All(member => member.HasReported || member.Evidence is not null);
            switch (GenerationOutcome.Judge(generation))
            {
                case GenerationOutcome.Over { State: RunState.Succeeded }:
                    Assert.True(members[0].Seat.Ended!.Finished);
                    Assert.True(allReported);
                    break;
                case GenerationOutcome.Over { State: RunState.Stopped }:
                    Assert.False(members[0].Seat.Ended!.Finished);
                    Assert.True(allReported);
                    Assert.False(regrouping);
                    break;
                case GenerationOutcome.Over over:
                    Assert.Equal((RunState.Failed, true), (over.State, refused));
                    break;
                case GenerationOutcome.Settled:
                    Assert.True(allReported);
                    break;
                case GenerationOutcome.Broken:
                    Assert.False(allReported);
                    Assert.Contains(members, member => member.Evidence is not null || member.Seat.Failure is not null);
                    break;
                case GenerationOutcome.GoesOn:
                    Assert.DoesNotContain(members, member => member.Seat.Failure is not null);
                    Assert.DoesNotContain(members, member => member.Evidence is not null && member.Seat.Ended is null);
                    break;
            }
        });

    private static void Befall(Replica member, int what)
    {
        switch (what)
        {
            case 0:
                member.OnLinkLost(TimeSpan.Zero);
                break;
            case 1:
                member.OnExit(new ProcessExit(137, ""));
                break;
            case 2:
                member.OnHostLost();
                break;
            case 3 when member.IsLinked && !member.HasReported:
                member.OnFailure(Collective(4));
                break;
            case 4 when member.IsLinked && !member.HasReported:
                member.OnEnded(Ended(9, finished: true));
                break;
            case 5 when member.IsLinked && !member.HasReported:
                member.OnEnded(Ended(9, finished: false));
                break;
            case 6 when member.IsLinked && !member.HasReported:
                member.OnFailure(new Failure { Kind = FailureKind.BadInput, Errors = { "no column" } });
                break;
        }
    }

    private GenerationOutcome Judge() => GenerationOutcome.Judge(Of(a, b));

    private GenerationOutcome.Over Over() => Assert.IsType<GenerationOutcome.Over>(Judge());

    private GenerationOutcome.Settled Settled() => Assert.IsType<GenerationOutcome.Settled>(Judge());

    private static Generation Of(params Replica[] members) =>
        new(1, members, 4, new AssignmentPlan(Order, 1, Shares.Even(8, members.Length), 20, 64), TimeSpan.Zero);

    private static Failure Collective(long applied) =>
        new()
        {
            Kind = FailureKind.Collective,
            Errors = { "closed" },
            AppliedStep = applied,
        };

    private static Ended Ended(long applied, bool finished) => new() { AppliedStep = applied, Finished = finished };

    private static Replica Linked(string id, string host, int rank)
    {
        var member = new Replica(id, new DeviceId(host, DeviceKind.Cpu, 0), restores: rank == 0, TimeSpan.Zero);
        member.OnHello(new ReplicaLink(1), new Hello { AppliedStep = 4 }, TimeSpan.Zero);
        member.Begin(rank, 4, TimeSpan.Zero);
        return member;
    }
}
