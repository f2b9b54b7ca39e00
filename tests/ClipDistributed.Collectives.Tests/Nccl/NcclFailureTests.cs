namespace ClipDistributed.Collectives.Tests.Nccl;

/// <summary>Groups of processes over the stand-in: as NCCL, it does not notice that a peer is gone.</summary>
public sealed class NcclFailureTests
{
    [Theory]
    [InlineData("reduce 1000")]
    [InlineData("gather 1000")]
    [InlineData("broadcast 0 1000")]
    public void Abort_PeerKilled_WakesTheOthersWhoThenFormAGroup(string command)
    {
        using var group = new MemberGroup(3);
        var survivors = group.Members[1..];
        group.Connect(group.Members, ["nccl", "nccl", "nccl"]);
        MemberGroup.Send("reduce 1000", group.Members);
        MemberGroup.Expect("done reduce", group.Members);
        group.Members[0].Kill();
        MemberGroup.Send(command, survivors);
        foreach (var member in survivors)
            member.Abort();
        group.Regroup(survivors, ["nccl", "nccl"]);
    }

    [Fact]
    public void Abort_PeerNeverComes_WakesTheWait()
    {
        using var group = new MemberGroup(1);
        group.StartConnect(group.Members, world: 2, ["nccl"]);
        group.WaitForKey("nccl/id");
        group.Members[0].Abort();
        group.Regroup(group.Members, ["nccl"]);
    }

    [Fact]
    public void Abort_NcclDoesNotComeBack_EndsTheProcess()
    {
        using var group = new MemberGroup(2);
        group.Connect(group.Members, ["nccl", "nccl"]);
        MemberGroup.Send("hang-aborts", group.Members[0]);
        MemberGroup.Expect("done hang-aborts", group.Members[0]);
        MemberGroup.Send("reduce 1000", group.Members[0]); // the other does not take part
        MemberGroup.Send("abort", group.Members[0]);
        group.Members[0].ExpectEnd(exitCode: 1);
    }
}
