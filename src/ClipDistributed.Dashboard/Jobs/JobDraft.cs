using System.Text.RegularExpressions;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.Text;
using ClipDistributed.Dashboard.Calls;
using Google.Rpc;
using Grpc.Core;

namespace ClipDistributed.Dashboard.Jobs;

/// <summary>A job that is being written: its spec as text, and the id under which it is submitted.</summary>
/// <param name="from">The checkpoint that it begins with; null: none, the spec stands for itself.</param>
internal sealed partial class JobDraft(ControlCalls calls, ForkSource? from)
{
    private const string Source = "spec";

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private (string Text, string Id)? sent; // what was submitted, and under which id

    public string Text { get; set; } = "";

    /// <summary>Asks the coordinator to check all that a submission does; it begins nothing.</summary>
    /// <exception cref="RpcException">It does not answer, or the user may not submit.</exception>
    public async Task<CheckedJob> CheckAsync(CancellationToken cancel)
    {
        string text = Text;
        if (Request(text, validateOnly: true, out var problems) is not { } request)
            return CheckedJob.Wrong(problems);
        try
        {
            var control = await calls.ControlAsync();
            var response = await control.SubmitJobAsync(request, deadline: DateTime.UtcNow + Longest, cancellationToken: cancel);
            return new CheckedJob(response.Validation, response.Notices, []);
        }
        catch (RpcException refused) when (IsOfTheJob(refused) && !cancel.IsCancellationRequested)
        {
            return CheckedJob.Wrong(Problems(refused, text));
        }
    }

    /// <summary>
    /// Submits it. The same text has the same request id however often it is sent, so that a second click, or a try again where the answer
    /// was lost, begins no second run.
    /// </summary>
    /// <returns>The run, or what is wrong.</returns>
    /// <exception cref="RpcException">The coordinator does not answer, or the user may not submit.</exception>
    public async Task<(string? RunId, IReadOnlyList<SpecProblem> Problems)> SubmitAsync()
    {
        string text = Text;
        if (Request(text, validateOnly: false, out var problems) is not { } request)
            return (null, problems);
        if (sent?.Text != text)
            sent = (text, $"{Guid.NewGuid()}");
        request.RequestId = sent.Value.Id;
        try
        {
            var control = await calls.ControlAsync();
            return ((await control.SubmitJobAsync(request, deadline: DateTime.UtcNow + Longest)).RunId, []);
        }
        catch (RpcException refused) when (IsOfTheJob(refused))
        {
            return (null, Problems(refused, text));
        }
    }

    private static bool IsOfTheJob(RpcException refused) => refused.StatusCode
        is StatusCode.InvalidArgument or StatusCode.FailedPrecondition or StatusCode.AlreadyExists or StatusCode.NotFound
        or StatusCode.ResourceExhausted;

    /// <returns>Null: the text is no spec.</returns>
    private SubmitJobRequest? Request(string text, bool validateOnly, out IReadOnlyList<SpecProblem> problems)
    {
        problems = [];
        try
        {
            return new SubmitJobRequest { Spec = SpecReader.Read(text, Source), ValidateOnly = validateOnly, From = from };
        }
        catch (BadInputException wrong)
        {
            problems = [.. wrong.Found.Select(OfReader)];
            return null;
        }
    }

    /// <summary>The reader begins each line with where it is wrong.</summary>
    private static SpecProblem OfReader(InputError error)
    {
        var place = Place().Match(error.Text);
        return place.Success
            ? new SpecProblem(error.Field, int.Parse(place.Groups[1].ValueSpan), error.Text[place.Length..])
            : new SpecProblem(error.Field, null, error.Text);
    }

    /// <summary>What the coordinator says of single fields, and the lines on which these stand.</summary>
    private static IReadOnlyList<SpecProblem> Problems(RpcException refused, string text)
    {
        var fields = refused.GetRpcStatus()?.GetDetail<BadRequest>()?.FieldViolations
            .Select(one => (Field: one.Field.StartsWith("spec.", StringComparison.Ordinal) ? one.Field[5..] : one.Field, one.Description))
            .Select(one => (Field: one.Field is "spec" or "" ? FieldIn(one.Description, text) : one.Field, one.Description))
            .Select(one => new SpecProblem(one.Field, SpecText.LineOf(text, one.Field), one.Description))
            .ToList();
        return fields is { Count: > 0 } ? fields : [new SpecProblem("", null, refused.Status.Detail)];
    }

    /// <summary>Some errors name their field in their text alone, at its beginning.</summary>
    private static string FieldIn(string description, string text) =>
        description.Split(' ', 2)[0].TrimEnd(':') is { Length: > 0 } first && Path().IsMatch(first)
            && SpecText.LineOf(text, first) is not null
            ? first : "";

    [GeneratedRegex(@"^spec:(\d+): ")]
    private static partial Regex Place();

    [GeneratedRegex(@"^[a-z_]+(\[\d+\])?([.][a-z_]+(\[\d+\])?)*$")]
    private static partial Regex Path();
}
