namespace ClipDistributed.Collectives.Tests;

/// <summary>Processes that form one group after the other.</summary>
internal sealed class MemberGroup : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("group-").FullName;
    private int generation;

    public MemberGroup(int world)
        : this([.. Enumerable.Range(0, world).Select(rank => new MemberProcess(rank))])
    {
    }

    public MemberGroup(MemberProcess[] members) => Members = members;

    public MemberProcess[] Members { get; }

    private string Rendezvous => Path.Combine(folder, $"{generation}");

    /// <summary>Lets these members form the next generation.</summary>
    /// <param name="addresses">Of each; 127.0.0.1 where none are given.</param>
    public void Connect(MemberProcess[] members, string[]? addresses = null)
    {
        StartConnect(members, members.Length, addresses);
        Expect("done connect", members);
    }

    /// <param name="world">May count members that never come.</param>
    public void StartConnect(MemberProcess[] members, int world, string[]? addresses = null)
    {
        generation++;
        Directory.CreateDirectory(Rendezvous);
        for (int rank = 0; rank < members.Length; rank++)
            Join(members[rank], rank, world, addresses?[rank] ?? "127.0.0.1");
    }

    /// <summary>A member that comes to the newest generation.</summary>
    public void Join(MemberProcess member, int rank, int world, string address = "127.0.0.1") =>
        member.Send($"connect {rank} {world} {Rendezvous} {address}");

    /// <summary>Until a member of the newest generation has left this key for the others.</summary>
    public void WaitForKey(string key) =>
        Assert.True(SpinWait.SpinUntil(() => File.Exists(Path.Combine(Rendezvous, key.Replace('/', '-'))), TimeSpan.FromSeconds(30)), key);

    public static void Send(string command, params IEnumerable<MemberProcess> members)
    {
        foreach (var member in members)
            member.Send(command);
    }

    public static void Expect(string start, params IEnumerable<MemberProcess> members)
    {
        foreach (var member in members)
            Assert.StartsWith(start, member.Answer(), StringComparison.Ordinal);
    }

    /// <summary>After a loss: these form a group again, which works and ends well.</summary>
    public void Regroup(MemberProcess[] survivors, string[]? addresses = null)
    {
        Connect(survivors, addresses);
        Send("reduce 100000", survivors);
        Expect("done reduce", survivors);
        foreach (var member in survivors)
            member.Quit();
    }

    public void Dispose()
    {
        foreach (var member in Members)
            member.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
