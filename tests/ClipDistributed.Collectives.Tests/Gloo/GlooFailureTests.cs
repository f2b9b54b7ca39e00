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
        // The last one blocks in any case: in a broadcast from rank 1 it may already be done.
        survivors[0].WaitUntilIdle();
        survivors[0].Abort();
        MemberGroup.Send("abort", survivors[1]);
        string answer = survivors[1].Answer();
        Assert.True(answer.StartsWith("aborted", StringComparison.Ordinal) || answer.StartsWith("failed", StringComparison.Ordinal) || answer == "done broadcast", answer);
        group.Regroup(survivors);
    }

    /// <summary>Gloo itself forgets who waits for a message that is half sent (root 1) or half received (root 0).</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Abort_PeerStoppedAmidTransfer_WakesTheOther(int root)
    {
        using var group = new MemberGroup(2);
        group.Connect(group.Members);
        MemberGroup.Send($"stream {root} {Large}", group.Members);
        MemberGroup.Expect("streaming", group.Members);
        group.Members[0].Stop();
        group.Members[1].WaitUntilIdle();
        group.Members[1].Abort();
        group.Regroup(group.Members[1..]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Broadcast_PeerKilledAmidTransfer_Fails(int root)
    {
        using var group = new MemberGroup(2);
        group.Connect(group.Members);
        MemberGroup.Send($"stream {root} {Large}", group.Members);
        MemberGroup.Expect("streaming", group.Members);
        group.Members[0].Kill();
        MemberGroup.Expect("failed broadcast failed in generation 1: ", group.Members[1]);
        group.Regroup(group.Members[1..]);
    }

    [Fact]
    public void Abort_LinkCutWithoutReset_WakesWhateverIsBlocked()
    {
        using var network = new CutNetwork();
        using var group = new MemberGroup([.. network.Names.Select((name, rank) => new MemberProcess(rank, null, "ip", "netns", "exec", name))]);
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
        network.Mend();
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
            foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory, "ClipDistributed.*").Append(Path.Combine(AppContext.BaseDirectory, "Google.Protobuf.dll")))
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
