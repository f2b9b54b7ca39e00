using Grpc.Core;

namespace ClipDistributed.Dashboard.Calls;

/// <summary>Why there is no answer.</summary>
/// <param name="Text">As the coordinator says it.</param>
public sealed record CallProblem(CallProblemKind Kind, string Text)
{
    public static readonly CallProblem SignedOut = new(CallProblemKind.SignedOut, "this session has ended");

    /// <summary>To ask again is of no use.</summary>
    public bool IsFinal => Kind != CallProblemKind.Disconnected;

    public static CallProblem Of(RpcException failed) => new(
        failed.StatusCode switch
        {
            StatusCode.PermissionDenied => CallProblemKind.Refused,
            StatusCode.Unauthenticated => CallProblemKind.SignedOut,
            StatusCode.NotFound => CallProblemKind.Missing,
            StatusCode.InvalidArgument => CallProblemKind.Invalid,
            _ => CallProblemKind.Disconnected,
        },
        failed.Status.Detail is { Length: > 0 } said ? said : $"the call failed: {failed.StatusCode}");
}
