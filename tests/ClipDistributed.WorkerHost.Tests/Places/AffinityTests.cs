using System.Diagnostics;
using ClipDistributed.WorkerHost.Places;

namespace ClipDistributed.WorkerHost.Tests.Places;

public sealed class AffinityTests
{
    [Fact]
    public void Own_IsWhatLinuxAllows() => Assert.Equal(Allowed(File.ReadAllLines("/proc/thread-self/status")), Affinity.Own());

    [Fact]
    public void Start_OneProcessor_IsTheChildsAndNotThisThreads()
    {
        var own = Affinity.Own()!;
        Assert.Equal([own[^1]], Allowed(Run([own[^1]])));
        Assert.Equal(own, Affinity.Own());
    }

    [Fact]
    public void Start_NoneNamed_AreThoseOfThisProcess() => Assert.Equal(Affinity.Own(), Allowed(Run(processors: null)));

    [Fact]
    public void Start_ProcessorsThatDoNotExist_StartsOnThoseOfThisProcess() =>
        Assert.Equal(Affinity.Own(), Allowed(Run([ProcessorList.Max - 1])));

    [Fact]
    public void Start_NoSuchProgram_LeavesThisThreadItsProcessors()
    {
        var own = Affinity.Own()!;
        Assert.ThrowsAny<SystemException>(() => Affinity.Start(new ProcessStartInfo("/nowhere/program"), [own[0]]));
        Assert.Equal(own, Affinity.Own());
    }

    private static string[] Run(IReadOnlyList<int>? processors)
    {
        using var child = Affinity.Start(new ProcessStartInfo("cat", ["/proc/self/status"]) { RedirectStandardOutput = true }, processors);
        return child.StandardOutput.ReadToEnd().Split('\n');
    }

    private static IReadOnlyList<int>? Allowed(string[] status)
    {
        const string name = "Cpus_allowed_list:";
        return ProcessorList.Parse(Array.Find(status, line => line.StartsWith(name, StringComparison.Ordinal))![name.Length..]);
    }
}
