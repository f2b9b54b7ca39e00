using ClipDistributed.Collectives;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Replica.V1;
using ClipDistributed.Training.Consistency;
using ClipDistributed.Training.Loops;

namespace ClipDistributed.Replica.Joined;

/// <summary>What an exception that ended a generation here means for the run.</summary>
internal static class GenerationFailure
{
    /// <param name="membership">In the generation that the exception ended.</param>
    /// <returns>Null: a bug, which ends the process.</returns>
    public static Failure? Of(Exception thrown, Membership membership)
    {
        return thrown switch
        {
            BadInputException { OfDevice: true } refused => OfDevice(New(FailureKind.BadInput, [.. refused.Errors])),
            BadInputException refused => New(FailureKind.BadInput, [.. refused.Errors]),
            TrainingDivergedException diverged => New(FailureKind.Diverged, diverged.Message),
            // The others wait for the coordinator to form a generation without it.
            FaultyReplicaException { IsOwn: true } faulty => New(FailureKind.Faulty, faulty.Evidence),
            FaultyReplicaException other => New(FailureKind.Collective, other.Message),
            StateLostException lost => New(FailureKind.Collective, lost.Message),
            _ when membership.Disagrees => New(FailureKind.BadInput, membership.EndReason!),
            UnreachedPeersException apart => Apart(apart),
            DeviceFaultException fault => OfDevice(New(FailureKind.Faulty, fault.Message)),
            _ when FailedDevice.Of(thrown) is { } fault => OfDevice(New(FailureKind.Faulty, fault)),
            CollectiveException lost => New(FailureKind.Collective, membership.EndReason ?? lost.Message),
            OperationCanceledException when membership.Ended.IsCancellationRequested => New(FailureKind.Collective, membership.EndReason!),
            IOException or UnauthorizedAccessException => New(FailureKind.InputOutput, thrown.Message),
            _ => null,
        };

        Failure Apart(UnreachedPeersException apart)
        {
            var failure = New(FailureKind.Collective, apart.Message);
            failure.UnreachedRanks.Add(apart.Ranks);
            return failure;
        }

        Failure OfDevice(Failure failure)
        {
            failure.OfDevice = true;
            return failure;
        }

        Failure New(FailureKind kind, params string[] errors) => new() { Generation = membership.Number, Kind = kind, Errors = { errors } };
    }
}
