using System.Globalization;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Coordinator.Generations;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Members;
using ClipDistributed.Coordinator.Replicas;
using CsCheck;

namespace ClipDistributed.Coordinator.Tests.Generations;

public class GroupDecisionTests
{
    private const long Loading = -2;

    [Theory]
    [InlineData(1, true, new[] { 12L, 13L }, "Form r1 r0")] // the highest applied step is the state that the others take over
    [InlineData(1, true, new[] { 13L, 13L, -1L }, "Form r0 r1 r2")] // among equals the old ranks stay
    [InlineData(1, true, new[] { 12L, Loading }, "Form r0")] // one that loads is not waited for
    [InlineData(1, false, new[] { 0L, Loading }, "Wait needs at least 1 replica; 1 is ready, 1 is being started")] // but the first time
    [InlineData(2, true, new[] { 12L }, "Wait needs at least 2 replicas; 1 is ready, no device is free for another")]
    [InlineData(2, true, new[] { 12L, Loading }, "Wait needs at least 2 replicas; 1 is ready, 1 is being started")]
    [InlineData(1, true, new[] { -1L, -1L }, "Restore")] // no replica holds a state
    [InlineData(1, true, new long[0], "Restore")]
    public void Decide_ReplicasReady_FormsOrSaysWhyNot(int min, bool began, long[] applied, string expected)
    {
        var replicas = applied.Select((step, index) => Replica(index, step, restores: false)).ToList();
        Assert.Equal(expected, Named(GroupDecision.Decide(replicas, new RunNeed("demo-1", min, 4), began)));
    }

    // A replica is written as its applied step, d where its host is drained, e where that ends at some time, and l where it loads.
    [Theory]
    [InlineData(1, "13d 13", "Form r1")] // it leaves, and another writes from now on
    [InlineData(1, "13d -1", "Form r0 r1")] // no other holds the state: it sends it first
    [InlineData(1, "13d 12", "Form r0 r1")]
    [InlineData(2, "13d 13 13", "Form r1 r2")]
    [InlineData(2, "13d 13", "Form r1 r0")] // it computes until others suffice
    [InlineData(1, "13d", "Form r0")]
    [InlineData(1, "13d l", "Form r0")]
    [InlineData(2, "13d 13 13e", "Form r1 r0")]
    [InlineData(3, "13d 13 13e", "Wait needs at least 3 replicas; 1 is ready, no device is free for another")]
    [InlineData(2, "13e 13", "Wait needs at least 2 replicas; 1 is ready, no device is free for another")]
    [InlineData(1, "13e", "Wait needs at least 1 replica; none is ready, no device is free for another")]
    [InlineData(1, "13e l", "Wait needs at least 1 replica; none is ready, 1 is being started")]
    public void Decide_HostIsDrained_ItsReplicasLeaveOrSendTheirStateFirst(int min, string states, string expected) =>
        Assert.Equal(expected, Named(GroupDecision.Decide(Replicas(states), new RunNeed("demo-1", min, 4), began: true)));

    [Theory]
    [InlineData("13d", "Form r0")]
    [InlineData("12 13d", "Form r1 r0")]
    public void Decide_HostIsDrainedAndTheRunIsToSave_ItTakesPart(string states, string expected) =>
        Assert.Equal(expected, Named(GroupDecision.Decide(Replicas(states), new RunNeed("demo-1", 1, 4), began: true, saves: true)));

    [Theory]
    [InlineData("13d 13", false)]
    [InlineData("13d 12", true)]
    [InlineData("13d 13d", true)]
    [InlineData("13d l", true)]
    [InlineData("-1d 3d", false)]
    public void IsNeeded_HostIsDrained_WhileNoOtherHoldsAsMuch(string states, bool expected)
    {
        var replicas = Replicas(states);
        Assert.Equal(expected, GroupDecision.IsNeeded(replicas[0], replicas));
    }

    [Fact]
    public void Decide_OneReadsTheCheckpoint_IsWaitedFor()
    {
        var reading = Replica(0, Loading, restores: true);
        Assert.IsType<GroupDecision.Wait>(
            GroupDecision.Decide([reading, Replica(1, -1, restores: false)], new RunNeed("demo-1", 1, 4), began: true)
        );
    }

    [Fact]
    public void Decide_OneWithAStateLostItsLink_IsWaitedFor()
    {
        var (ready, unlinked) = (Replica(0, 12, restores: false), Replica(1, 13, restores: false));
        unlinked.OnLinkLost(TimeSpan.Zero);
        Assert.IsType<GroupDecision.Wait>(GroupDecision.Decide([ready, unlinked], new RunNeed("demo-1", 1, 4), began: true));
        unlinked.Evict("did not reconnect");
        Assert.IsType<GroupDecision.Form>(GroupDecision.Decide([ready, unlinked], new RunNeed("demo-1", 1, 4), began: true));
    }

    [Fact]
    public void Decide_AnyReplicas_KeepsItsLaws() =>
        Gen.Select(Gen.Select(Gen.Long[-2, 20], Gen.Int[0, 3]).List[0, 6], Gen.Int[1, 4], Gen.Bool, Gen.Bool).Sample(
            (states, min, began, firstRestores) =>
        {
            var replicas = states.Select((state, index) =>
            {
                var member = Replica(index, state.Item1, restores: firstRestores && index == 0);
                if (state.Item2 == 0)
                    member.OnLinkLost(TimeSpan.Zero);
                else if (state.Item2 == 1)
                    member.Evict("hung");
                return member;
            }).ToList();
            var need = new RunNeed("demo-1", min, 4);
            bool isAwayWithState = replicas.Any(member => member is { IsLive: true, LinkState: LinkState.Broken, Applied: >= 0 });
            bool holds = replicas.Any(member => member is { IsLive: true, IsLinked: true, Applied: >= 0 });
            switch (GroupDecision.Decide(replicas, need, began))
            {
                case GroupDecision.Form form:
                    Assert.False(isAwayWithState);
                    Assert.InRange(form.Members.Count, min, 4);
                    Assert.All(form.Members, member => Assert.True(member is { IsLive: true, IsLinked: true }));
                    var linked = replicas.Where(member => member is { IsLive: true, IsLinked: true });
                    Assert.Equal(linked.Max(member => member.Applied), form.Members[0].Applied);
                    Assert.True(form.Members[0].Applied >= 0);
                    Assert.Equal(form.Members.Count, form.Members.Distinct().Count());
                    break;
                case GroupDecision.Restore:
                    Assert.False(holds || isAwayWithState);
                    Assert.DoesNotContain(replicas, member => member is { IsLive: true, Link: null, Restores: true });
                    break;
                case GroupDecision.Wait wait:
                    Assert.NotEqual("", wait.Reason);
                    Assert.True(holds || isAwayWithState || replicas.Any(member => member is { IsLive: true, Link: null, Restores: true }));
                    break;
            }
        });

    private static string Named(GroupDecision decision) => decision switch
    {
        GroupDecision.Form form => $"Form {string.Join(' ', form.Members.Select(member => member.ReplicaId))}",
        GroupDecision.Wait wait => $"Wait {wait.Reason}",
        _ => "Restore",
    };

    private static List<Replica> Replicas(string states) =>
        [
            .. states
                .Split(' ')
                .Select(
                    (word, index) =>
                    {
                        var member = Replica(
                            index,
                            word == "l" ? Loading : long.Parse(word.TrimEnd('d', 'e'), CultureInfo.InvariantCulture),
                            restores: false
                        );
                        if (word[^1] is 'd' or 'e')
                            member.Drain(until: word[^1] == 'd' ? null : TimeSpan.FromMinutes(1));
                        return member;
                    }
                ),
        ];

    private static Replica Replica(int index, long applied, bool restores)
    {
        var member = new Replica($"r{index}", new DeviceId("a", DeviceKind.Cpu, index), restores, TimeSpan.Zero);
        if (applied == Loading)
            return member;
        member.OnHello(new ReplicaLink(1), new Hello { AppliedStep = applied }, TimeSpan.Zero);
        member.Begin(index, Math.Max(applied, 0), TimeSpan.Zero);
        return member;
    }
}
