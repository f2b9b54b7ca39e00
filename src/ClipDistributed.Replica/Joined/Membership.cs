using ClipDistributed.Collectives;
using ClipDistributed.Collectives.Cuda;
using ClipDistributed.Collectives.Gloo;
using ClipDistributed.Collectives.Nccl;
using ClipDistributed.Collectives.Staging;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Data.Batches;
using ClipDistributed.Data.Streams;
using ClipDistributed.Training.Loops;
using ClipDistributed.Training.Runs;
using ClipDistributed.Training.Steps;
using Device = TorchSharp.torch.Device;

namespace ClipDistributed.Replica.Joined;

/// <summary>This replica's part in one generation: its rank, its shares, its commands, and the group that it computes with.</summary>
/// <param name="meet">Opens the rendezvous at which the members exchange addresses.</param>
/// <param name="order">The order of samples as this process computes it.</param>
internal sealed class Membership(StartGeneration generation, Func<LinkRendezvous> meet, StreamOrder order)
{
    // The coordinator assigns at least half a horizon ahead: after this it counts as unavailable, and training goes on without it.
    private static readonly TimeSpan AssignmentTimeout = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource ended = new();
    private readonly Lock gate = new();
    private ICollective? group;

    public long Number => generation.Generation;

    public int Rank => generation.Rank;

    public AssignedShares Shares { get; } = new(AssignmentTimeout);

    public CommandInbox Commands { get; } = new();

    /// <param name="claim">To the run directory.</param>
    public GenerationTerms Terms(StepProgress progress, WriterClaim claim) => new(Shares, Commands, progress)
    {
        Source = generation.SourceRank,
        Reason = generation.Reason,
        PoisonRows = generation.PoisonRows.Select(row => new SampleId(row.Shard, row.Row)).ToHashSet(),
        Claim = claim,
        Over = Ended,
    };

    /// <summary>Cancelled when the generation is over.</summary>
    public CancellationToken Ended => ended.Token;

    /// <summary>Why it is over; null while it is not.</summary>
    public string? EndReason { get; private set; }

    /// <summary>The assigned rows are not those that this process would read for the same slots.</summary>
    public bool Disagrees { get; private set; }

    /// <summary>Assigns steps to compute; the spans that come with them must be those that this process reads for its share.</summary>
    public void Assign(Assignment assignment)
    {
        var shares = new Shares([.. assignment.Shares.Select(rows => (int)rows)]);
        var assigned = assignment.Spans.Select(span => new ShardSpan(span.Shard, (long)span.FirstRow, (long)span.Rows));
        bool isOurs =
            shares.Total == order.GlobalBatch
            && assigned.SequenceEqual(SpanPlan.Of(order, assignment.FirstStep, assignment.LastStep, shares.Of(Rank)));
        if (isOurs && Shares.Add(assignment.FirstStep, assignment.LastStep, shares))
            return;
        if (isOurs && Shares.WentAlone(assignment.FirstStep, assignment.LastStep))
        {
            // No replica is faulty: the next generation begins with shares that all have.
            End(
                $"the shares of steps {assignment.FirstStep} to {assignment.LastStep} were changed after this replica had gone on with "
                    + $"the last ones that it had received"
            );
            return;
        }
        Disagrees = true;
        End(
            $"the coordinator assigned other rows for steps {assignment.FirstStep} to {assignment.LastStep} than this replica's order of "
                + $"samples gives; install the same version of clipd on all hosts, and let all see the same run directory"
        );
    }

    /// <summary>Connects this member with the others; ends early when the generation does.</summary>
    /// <exception cref="CollectiveException">A member or the network was lost, or the generation is over.</exception>
    public ICollective Connect(JoinRequest request, Device device)
    {
        var connected = Create(request, device);
        lock (gate)
        {
            group = connected;
            if (EndReason is not null)
                connected.Abort();
        }
        return connected;
    }

    /// <summary>Wakes threads that are blocked in this generation, within a second. From any thread.</summary>
    public void End(string reason)
    {
        lock (gate)
        {
            EndReason ??= reason;
            group?.Abort();
        }
        ended.Cancel();
    }

    private ICollective Create(JoinRequest request, Device device)
    {
        if (generation.Engine == CollectiveEngine.None)
            return new SoloCollective();
        Ended.ThrowIfCancellationRequested();
        if (PeerReach.Unreached(generation.Addresses, Rank) is { Count: > 0 } apart)
            throw new UnreachedPeersException(
                $"generation {Number}",
                apart,
                $"nothing leads from {generation.Addresses[Rank]} to "
                    + $"{string.Join(", ", apart.Select(peer => $"rank {peer} ({generation.Addresses[peer]})"))}"
            );
        using var rendezvous = meet();
        return Create(request, device, rendezvous);
    }

    private ICollective Create(JoinRequest request, Device device, LinkRendezvous rendezvous)
    {
        string name = $"generation {Number}";
        int? gpu = device.type == TorchSharp.DeviceType.CUDA ? device.index : null;
        var cuda = new CudaOptions { Device = gpu ?? 0 };
        switch (generation.Engine)
        {
            case CollectiveEngine.Gloo:
                var options = new GlooOptions { Rank = Rank, World = generation.World, Name = name, Address = request.Address };
                var gloo = GlooCollective.Connect(options, rendezvous, Ended);
                return gpu is null ? gloo : StagedCollective.Open(gloo, cuda, name);
            case CollectiveEngine.Nccl:
                return NcclCollective.Connect(
                    new NcclOptions { Rank = Rank, World = generation.World, Name = name, Cuda = cuda }, rendezvous, Ended);
            default:
                throw new NotSupportedException($"This replica does not support the engine {generation.Engine}.");
        }
    }
}
