using System.Security.Cryptography;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Store;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace ClipDistributed.Coordinator.Links;

/// <summary>Maps an exception to the status that the caller receives: lines without a stack.</summary>
internal sealed partial class CallFailure(IRunStore store, ILogger<CallFailure> logger)
{
    // <errno.h> of Linux, which .NET gives as an exception's HResult.
    private const int TooManyFilesHere = 24, TooManyFiles = 23, DiskFull = 28, ReadOnlyDisk = 30, QuotaFull = 122;

    /// <param name="method">As in /package.Service/SubmitJob.</param>
    /// <param name="isOver">The caller has cancelled, or its deadline has passed.</param>
    public RpcException Answer(Exception failed, string method, bool isOver) =>
        failed switch
        {
            RpcException answered => answered,
            BadInputException bad => ErrorStatus.Of(bad).ToRpcException(),
            RequestRefusedException refused => Of(refused.Status, refused.Message),
            TermOverException followed => Of(StatusCode.Unavailable, $"This coordinator leads no longer: {followed.Message}."),
            // Exceptions of a call that is over, besides its cancellation: for ASP.NET a write to it is an invalid operation.
            OperationCanceledException or IOException or InvalidOperationException when isOver => Of(
                StatusCode.Cancelled,
                "The call was cancelled."
            ),
            OperationCanceledException => Of(StatusCode.Unavailable, "The coordinator is shutting down; try again when it is back."),
            UnauthorizedAccessException => Of(
                StatusCode.FailedPrecondition,
                $"{Sentence(failed)}; the coordinator runs as {Environment.UserName}: let it read and write there, or name another path."
            ),
            IOException and not InvalidProtocolBufferException => OfSystem(failed),
            _ when store.IsUnavailable(failed) => Of(
                StatusCode.Unavailable,
                $"The coordinator's store is unavailable ({StoreSchema.Reason(failed)}); try again when it is back."
            ),
            OutOfMemoryException => Of(StatusCode.ResourceExhausted, $"{Name(method)} needs more memory than the coordinator has."),
            AggregateException { InnerExceptions: [var only] } => Answer(only, method, isOver),
            _ => Bug(failed, Name(method)),
        };

    private static RpcException OfSystem(Exception failed) =>
        failed.HResult switch
        {
            DiskFull or QuotaFull => Of(
                StatusCode.FailedPrecondition,
                $"{Sentence(failed)}; make room there, or name a path on another disk, and try again."
            ),
            ReadOnlyDisk => Of(StatusCode.FailedPrecondition, $"{Sentence(failed)}; name a path that the coordinator can write."),
            // Nothing was begun.
            TooManyFilesHere or TooManyFiles => new RpcException(
                Of(
                    StatusCode.Unavailable,
                    $"The coordinator has as many files open as it may ({Sentence(failed)}); try again, or give it more (ulimit -n)."
                ).Status,
                new Metadata { { CoordinatorAddresses.NotServed, "1" } }
            ),
            _ => Of(StatusCode.FailedPrecondition, $"{Sentence(failed)}; look at the path as the coordinator sees it, and try again."),
        };

    private RpcException Bug(Exception bug, string method)
    {
        string reference = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        LogFailed(bug, method, reference);
        return Of(StatusCode.Internal, $"{method} failed by an error of the coordinator itself, which its log has under {reference}");
    }

    private static RpcException Of(StatusCode status, string text) => new(new Status(status, ErrorStatus.Of(status, text).Message));

    /// <summary>The system's message, as the beginning of a longer sentence.</summary>
    private static string Sentence(Exception failed) => failed.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');

    private static string Name(string method) => method[(method.LastIndexOf('/') + 1)..];

    [LoggerMessage(
        Level = LogLevel.Error,
        EventName = "CallFailed",
        Message = "{Method} failed by a bug; its caller received the reference {Reference} alone."
    )]
    private partial void LogFailed(Exception bug, string method, string reference);
}
