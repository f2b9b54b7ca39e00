using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Coordinator.ActiveRuns;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Data.Preparation;

namespace ClipDistributed.Coordinator.Tests.Runs;

public sealed class AttemptListTests : IDisposable
{
    private static readonly RollBack Back = new(Attempt: 1, Step: 20, Resumes: true);

    private readonly TemporaryFolder folder = new();
    private readonly AttemptList attempts = new();

    public AttemptListTests() => new RunInfo { Name = "demo", Attempts = [new(1, 0, 0)] }.Save(new RunDirectory(folder.Path).Info);

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Begin_Repeated_AddsOneAttempt()
    {
        Assert.Equal([2, 2], [Begin(Back), Begin(Back)]); // a coordinator that died in between repeats it
        Assert.Equal(3, Begin(Back with { Step = 10 }));
        Assert.Equal(
            [new RunAttempt(1, 0, 0), new RunAttempt(2, 1, 20, IsPlanned: true), new RunAttempt(3, 1, 10, IsPlanned: true)],
            RunInfo.Load(new RunDirectory(folder.Path).Info).Attempts
        );
    }

    [Fact]
    public void Begin_WriterOfAnotherRun_IsRefused()
    {
        using var other = RunDirectoryLock.Take(new RunDirectory(folder.Path), claim: new WriterClaim("other-1", 1, 1));
        Assert.Throws<BadInputException>(() => Begin(Back));
        Assert.Single(RunInfo.Load(new RunDirectory(folder.Path).Info).Attempts);
    }

    [Fact]
    public void Begin_ReplicaBehindACutNetwork_IsSuperseded()
    {
        using var former = RunDirectoryLock.Take(new RunDirectory(folder.Path), claim: new WriterClaim("demo-1", 2, 3));
        Assert.Equal(2, Begin(Back));
        Assert.Throws<DirectorySupersededException>(former.ThrowIfSuperseded);
    }

    private int Begin(RollBack from) => attempts.Begin(folder.Path, new WriterClaim("demo-1", 2, 4), from);
}
