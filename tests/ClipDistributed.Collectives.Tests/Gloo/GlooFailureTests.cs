namespace ClipDistributed.Collectives.Tests.Gloo;

/// <summary>Groups of processes that are killed, stopped and cut off.</summary>
public sealed class GlooFailureTests
{
    private const string Large = "20000000";

    [Fact]
    public void AllReduce_PeerKilled_FailsOnAllOthersWhoThenFormAGroup()
    {
        using var group = new MemberGroup(4);
        var survivors = group.Members[1..];
        group.Connect(group.Members);
        MemberGroup.Send($"reduce {Large}", survivors);
        survivors[0].WaitUntilIdle();
        group.Members[0].Kill();
        MemberGroup.Expect("failed all-reduce failed in generation 1: ", survivors);
        group.Regroup(survivors);
    }

    [Theory]
    [InlineData($"reduce {Large}")]
    [InlineData("reduce 1")]
    [InlineData($"gather {Large}")]
    [InlineData($"broadcast 1 {Large}")]
    [InlineData($"broadcast 0 {Large}")]
    public void Abort_PeerStopped_WakesWhateverIsBlocked(string command)
    {
        using var group = new MemberGroup(3);
        var survivors = group.Members[1..];
        group.Connect(group.Members);
        group.Members[0].Stop();
        MemberGroup.Send(command, survivors);
        survivors[0].WaitUntilIdle();
        survivors[0].Abort();
        // The other one fails with it, or had its part of a broadcast before.
        Assert.Matches("^(failed .*|done broadcast)$", survivors[1].Answer());
        group.Regroup(survivors);
    }

    /// <summary>Gloo itself forgets who waits for a message that is half sent (root 1) or half received (root 0).</summary>
    [Theory]
    [InlineData(2, $"broadcast 0 {Large}")]
    [InlineData(2, $"broadcast 1 {Large}")]
    [InlineData(3, $"reduce {Large}")]
    [InlineData(3, $"gather {Large}")]
    public void Abort_PeerStoppedAmidTransfer_WakesTheOthers(int world, string command)
    {
        using var group = new MemberGroup(world);
        var survivors = group.Members[1..];
        group.Connect(group.Members);
        MemberGroup.Send($"repeat {command}", group.Members);
        MemberGroup.Expect("repeating", group.Members);
        group.Members[0].Stop();
        foreach (var member in survivors)
            member.WaitUntilIdle();
        survivors[0].Abort();
        // An abort breaks the group for all who can still be reached.
        MemberGroup.Expect("failed ", survivors[1..]);
        group.Regroup(survivors);
    }

    [Theory]
    [InlineData(2, $"broadcast 0 {Large}")]
    [InlineData(2, $"broadcast 1 {Large}")]
    [InlineData(4, $"reduce {Large}")]
    [InlineData(4, $"gather {Large}")]
    public void Operation_PeerKilledAmidTransfer_FailsOnAllOthers(int world, string command)
    {
        using var group = new MemberGroup(world);
        var survivors = group.Members[1..];
        group.Connect(group.Members);
        MemberGroup.Send($"repeat {command}", group.Members);
        MemberGroup.Expect("repeating", group.Members);
        group.Members[0].Kill();
        MemberGroup.Expect("failed ", survivors);
        group.Regroup(survivors);
    }

    [Fact]
    public void Abort_LinkCutWithoutReset_WakesWhateverIsBlocked()
    {
        using var network = new CutNetwork();
        using var group = new MemberGroup([
            .. network.Names.Select((name, rank) => new MemberProcess(rank, null, "ip", "netns", "exec", name)),
        ]);
        group.Connect(group.Members, network.Addresses);
        MemberGroup.Send("reduce 1", group.Members);
        MemberGroup.Expect("done reduce", group.Members);
        network.Cut();
        MemberGroup.Send($"reduce {Large}", group.Members);
        foreach (var member in group.Members)
        {
            member.WaitUntilIdle();
            member.Abort();
        }
        network.Restore();
        group.Regroup(group.Members, network.Addresses);
    }

    [Fact]
    public void Connect_PeerNeverComes_IsEndedByAbort()
    {
        using var group = new MemberGroup(2);
        group.StartConnect(group.Members, world: 3);
        foreach (var member in group.Members)
        {
            member.WaitUntilIdle();
            member.Abort();
        }
        group.Regroup(group.Members);
    }

    [Fact]
    public void Connect_PeerStoppedAfterItPublished_IsEndedByAbort()
    {
        using var group = new MemberGroup(3);
        // Two have published and wait for the third, one of them is stopped, the third comes.
        group.StartConnect(group.Members[..2], world: 3);
        group.Members[0].WaitUntilIdle();
        group.Members[0].Stop();
        group.Join(group.Members[2], rank: 2, world: 3);
        var survivors = group.Members[1..];
        foreach (var member in survivors)
            member.WaitUntilIdle();
        foreach (var member in survivors)
            member.Send("abort");
        // The kernel accepts connections for a stopped process, so a member may be through.
        foreach (var member in survivors)
            Assert.Matches("^(done connect|aborted .*|failed .*)$", member.Answer());
        group.Regroup(survivors);
    }

    [Fact]
    public void Dispose_PeersGone_Ends()
    {
        using var group = new MemberGroup(3);
        group.Connect(group.Members);
        group.Members[1].Kill();
        group.Members[2].Stop();
        MemberGroup.Send("dispose", group.Members[0]);
        MemberGroup.Expect("done dispose", group.Members[0]);
        group.Members[0].Quit();
    }

    [Fact]
    public void Connect_ShimMissing_IsBadInputThatNamesThePackage()
    {
        string folder = Directory.CreateTempSubdirectory("shimless-").FullName;
        try
        {
            foreach (
                string file in Directory
                    .EnumerateFiles(AppContext.BaseDirectory, "ClipDistributed.*")
                    .Append(Path.Combine(AppContext.BaseDirectory, "Google.Protobuf.dll"))
            )
                File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
            using var member = new MemberProcess(0, folder);
            member.Send($"connect 0 2 {folder} 127.0.0.1");
            string answer = member.Answer();
            Assert.StartsWith("bad input Gloo", answer, StringComparison.Ordinal);
            Assert.Contains("apt-get install libgloo-dev", answer, StringComparison.Ordinal);
            member.Quit();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
