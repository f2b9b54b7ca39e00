using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Links;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Settings;
using ClipDistributed.Coordinator.Store;
using ClipDistributed.Coordinator.Tests.Scripted;
using Grpc.Core;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using BadRequest = Google.Rpc.BadRequest;

namespace ClipDistributed.Coordinator.Tests.Links;

public sealed class CallFailureTests : IDisposable
{
    private const string Method = "/clipdistributed.control.v1.ControlService/SubmitJob";

    private readonly TemporaryFolder folder = new();
    private readonly RecordedLog log = new();
    private readonly RunStore store;
    private readonly CallFailure failure;

    public CallFailureTests()
    {
        store = RunStore.Open(new CoordinatorOptions { StateDirectory = folder.File("state") });
        using var logs = LoggerFactory.Create(log.AddTo);
        failure = new CallFailure(store, logs.CreateLogger<CallFailure>());
    }

    public static TheoryData<Exception, StatusCode, string> Expected =>
        new()
        {
            { new BadInputException(["a is wrong.", "b is wrong."]), StatusCode.InvalidArgument, "a is wrong.\nb is wrong." },
            { RequestRefusedException.NotFound("there is no run x"), StatusCode.NotFound, "there is no run x" },
            {
                new TermOverException(3),
                StatusCode.Unavailable,
                "This coordinator leads no longer: another coordinator has taken over from the one of term 3."
            },
            { new RpcException(new Status(StatusCode.ResourceExhausted, "too large")), StatusCode.ResourceExhausted, "too large" },
            { new OperationCanceledException(), StatusCode.Unavailable, "The coordinator is shutting down; try again when it is back." },
            {
                new IOException("No space left on device : '/runs/a'", 28),
                StatusCode.FailedPrecondition,
                "No space left on device : '/runs/a'; make room there, or name a path on another disk, and try again."
            },
            {
                new IOException("Disk quota exceeded", 122),
                StatusCode.FailedPrecondition,
                "Disk quota exceeded; make room there, or name a path on another disk, and try again."
            },
            {
                new IOException("Read-only file system : '/runs/a'", 30),
                StatusCode.FailedPrecondition,
                "Read-only file system : '/runs/a'; name a path that the coordinator can write."
            },
            {
                new IOException("Input/output error : '/runs/a'", 5),
                StatusCode.FailedPrecondition,
                "Input/output error : '/runs/a'; look at the path as the coordinator sees it, and try again."
            },
            {
                new DirectoryNotFoundException("Could not find a part of the path '/runs/a'."),
                StatusCode.FailedPrecondition,
                "Could not find a part of the path '/runs/a'; look at the path as the coordinator sees it, and try again."
            },
            {
                new IOException("Too many open files : '/runs/a'", 24),
                StatusCode.Unavailable,
                "The coordinator has as many files open as it may (Too many open files : '/runs/a'); try again, or give it more "
                    + "(ulimit -n)."
            },
            {
                new UnauthorizedAccessException("Access to the path '/runs/a' is denied."),
                StatusCode.FailedPrecondition,
                $"Access to the path '/runs/a' is denied; the coordinator runs as {Environment.UserName}: let it read and write there, or "
                    + $"name another path."
            },
            {
                new SqliteException("database is locked", 5),
                StatusCode.Unavailable,
                "The coordinator's store is unavailable (database is locked); try again when it is back."
            },
            {
                new DbUpdateException("wrapped", new SqliteException("database or disk is full", 13)),
                StatusCode.Unavailable,
                "The coordinator's store is unavailable (database or disk is full); try again when it is back."
            },
            {
                new AggregateException(new IOException("Input/output error", 5)),
                StatusCode.FailedPrecondition,
                "Input/output error; look at the path as the coordinator sees it, and try again."
            },
            { new OutOfMemoryException(), StatusCode.ResourceExhausted, "SubmitJob needs more memory than the coordinator has." },
        };

    [Theory, MemberData(nameof(Expected))]
    public void Answer_ErrorsOfTheSystem_AreOneStatusAndOneLine(Exception failed, StatusCode status, string detail)
    {
        var answer = failure.Answer(failed, Method, isOver: false);
        Assert.Equal((status, detail), (answer.StatusCode, answer.Status.Detail));
        Assert.Empty(log.Errors);
    }

    [Fact]
    public void Answer_LongText_FitsIntoAHeader()
    {
        var answer = failure.Answer(
            RequestRefusedException.NotFound($"there is no run {new string('x', 1_000_000)}; list them"),
            Method,
            isOver: false
        );
        Assert.InRange(answer.Status.Detail.Length, 1000, 4100);
        Assert.EndsWith("; list them", answer.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_BadInput_HasItsFieldsAsFarAsTheyFitIntoAHeader()
    {
        var many = Enumerable.Range(0, 40).Select(i => new InputError($"a[{i}]", $"a[{i}] is wrong; {new string('x', 1000)}"));
        var answer = failure.Answer(new BadInputException([.. many]).Within("spec"), Method, isOver: false);
        var violations = answer.GetRpcStatus()!.GetDetail<BadRequest>()!.FieldViolations;
        Assert.InRange(violations.Count, 2, 39);
        Assert.Equal(("spec.a[0]", "spec.a[1]"), (violations[0].Field, violations[1].Field));
        Assert.InRange(answer.Trailers.Single(entry => entry.IsBinary).ValueBytes.Length, 1000, 7000);
    }

    [Fact]
    public void Answer_TooManyOpenFiles_SaysThatNothingWasBegun() =>
        Assert.NotNull(
            failure.Answer(new IOException("Too many open files", 24), Method, isOver: false).Trailers.Get(CoordinatorAddresses.NotServed)
        );

    public static TheoryData<Exception> Ends =>
        [
            new OperationCanceledException(),
            new IOException("The request stream was aborted."),
            new InvalidOperationException("Can't write the message because the request is complete."),
        ];

    [Theory, MemberData(nameof(Ends))]
    public void Answer_CallerHasLeft_IsCancelledAndNotLogged(Exception failed)
    {
        Assert.Equal(StatusCode.Cancelled, failure.Answer(failed, Method, isOver: true).StatusCode);
        Assert.Empty(log.Errors);
    }

    public static TheoryData<Exception> Bugs =>
        [
            new NullReferenceException("secret detail"),
            new InvalidOperationException("secret detail"),
            new KeyNotFoundException("secret detail"),
            new InvalidDataException("secret detail"),
            new AggregateException(new FormatException("secret detail"), new IOException()),
        ];

    /// <summary>Its stack is for the log alone, and who was given the reference finds it there.</summary>
    [Theory, MemberData(nameof(Bugs))]
    public void Answer_Bug_IsAReferenceIntoTheLog(Exception bug)
    {
        var answer = failure.Answer(bug, Method, isOver: false);
        Assert.Equal(StatusCode.Internal, answer.StatusCode);
        Assert.Matches(
            "^SubmitJob failed by an error of the coordinator itself, which its log has under [0-9a-f]{8}$",
            answer.Status.Detail
        );
        string line = Assert.Single(log.Errors);
        Assert.Contains(answer.Status.Detail[^8..], line, StringComparison.Ordinal);
        Assert.Contains("secret detail", line, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        store.Dispose();
        folder.Dispose();
    }
}
