using System.Runtime.InteropServices;
using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Data.Streams;
using ClipDistributed.Replica.Joined;
using ClipDistributed.Training.Consistency;
using ClipDistributed.Training.Loops;

namespace ClipDistributed.Replica.Tests.Joined;

/// <summary>Each kind of exception, by what the coordinator makes of it: who is replaced, whether a device or a host is closed.</summary>
public sealed class GenerationFailureTests
{
    private const string Group = "generation 7", Sticky = "CUDA error: unspecified launch failure";

    public static TheoryData<Exception, FailureKind, bool> Exceptions => new()
    {
        { new BadInputException("no shards"), FailureKind.BadInput, false },
        { new BadInputException("a GPU that is too small") { OfDevice = true }, FailureKind.BadInput, true },
        { new TrainingDivergedException(3, 2), FailureKind.Diverged, false },
        { new FaultyReplicaException(isOwn: true, "it differs from two others"), FailureKind.Faulty, false },
        { new FaultyReplicaException(isOwn: false, "rank 1 differs from two others"), FailureKind.Collective, false },
        { new StateLostException("no majority"), FailureKind.Collective, false },
        { new CollectiveException("all-gather", Group, "a peer is gone"), FailureKind.Collective, false },
        { new UnreachedPeersException(Group, [1, 3], "nothing leads there"), FailureKind.Collective, false },
        { new DeviceFaultException("all-reduce", Group, "uncorrectable ECC error"), FailureKind.Faulty, true },
        { new ExternalException($"{Sticky}\nCUDA kernel errors might be reported later"), FailureKind.Faulty, true },
        { new IOException("no space left on device"), FailureKind.InputOutput, false },
        { new UnauthorizedAccessException("access is denied"), FailureKind.InputOutput, false },
    };

    [Theory]
    [MemberData(nameof(Exceptions), DisableDiscoveryEnumeration = true)]
    public void Of_KnownException_IsOfItsKindAndOfTheDeviceWhereThatFailed(Exception thrown, FailureKind kind, bool ofDevice)
    {
        var failure = GenerationFailure.Of(thrown, NewMembership());
        Assert.NotNull(failure);
        Assert.Equal((7, kind, ofDevice), (failure.Generation, failure.Kind, failure.OfDevice));
        Assert.NotEmpty(Assert.Single(failure.Errors));
    }

    [Fact]
    public void Of_SeveralErrorsOfTheUser_ShowsEach() =>
        Assert.Equal(["one", "two"], GenerationFailure.Of(new BadInputException(["one", "two"]), NewMembership())!.Errors);

    [Fact]
    public void Of_PeersThatAreNotReached_NamesThem() =>
        Assert.Equal([1, 3], GenerationFailure.Of(new UnreachedPeersException(Group, [1, 3], "nothing leads there"), NewMembership())!
            .UnreachedRanks);

    /// <summary>What CUDA reported, without what libtorch adds to it.</summary>
    [Fact]
    public void Of_StickyErrorOfCuda_IsOneLine() =>
        Assert.Equal(
            [Sticky], GenerationFailure.Of(new ExternalException($"{Sticky}\nCompile with TORCH_USE_CUDA_DSA"), NewMembership())!.Errors);

    [Theory]
    [InlineData(typeof(InvalidOperationException))]
    [InlineData(typeof(NullReferenceException))]
    [InlineData(typeof(ExternalException))] // of libtorch, and none of those that mean a failed device
    [InlineData(typeof(OperationCanceledException))] // while the generation goes on
    public void Of_Bug_IsNone(Type type) =>
        Assert.Null(GenerationFailure.Of((Exception)Activator.CreateInstance(type)!, NewMembership()));

    /// <summary>Its operations fail because the coordinator ended it: that reason is worth more than theirs.</summary>
    [Fact]
    public void Of_OperationOfAnEndedGeneration_IsWhyItEnded()
    {
        var membership = NewMembership();
        membership.End("host b was lost");
        Exception[] gone = [new CollectiveException("all-gather", Group, "aborted"), new OperationCanceledException()];
        foreach (var thrown in gone)
        {
            var failure = GenerationFailure.Of(thrown, membership)!;
            Assert.Equal((FailureKind.Collective, false), (failure.Kind, failure.OfDevice));
            Assert.Equal(["host b was lost"], failure.Errors);
        }
    }

    /// <summary>The group is ended by that, so its operations fail; a retry with the same versions would not help.</summary>
    [Fact]
    public void Of_OperationAfterOtherRowsWereAssigned_IsBadInput()
    {
        var membership = NewMembership();
        membership.Assign(new Assignment { Generation = 7, FirstStep = 1, LastStep = 1, Shares = { 4 } }); // without spans
        var failure = GenerationFailure.Of(new CollectiveException("all-gather", Group, "aborted"), membership)!;
        Assert.Equal(FailureKind.BadInput, failure.Kind);
        Assert.Equal([membership.EndReason!], failure.Errors);
    }

    private static Membership NewMembership() => new(
        new StartGeneration { Generation = 7, World = 1 },
        () => throw new InvalidOperationException("no rendezvous"),
        new StreamOrder([8], seed: 1, globalBatch: 4, streams: 1, shuffleBlock: 1));
}
