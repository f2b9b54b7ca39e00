using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Dashboard.Actions;
using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Jobs;
using Grpc.Core;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Pages;

public sealed partial class NewJobPage : LivePage
{
    /// <summary>Without a key pressed for so long, what was typed is checked.</summary>
    private static readonly TimeSpan TypingPause = TimeSpan.FromMilliseconds(400);

    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(2);

    private CancellationTokenSource checking = new(); // ends when the text is another one
    private string? begun; // the address whose job is shown
    private JobDraft? draft;
    private ForkSource? fork;
    private CheckedJob? result;
    private string? full; // the spec with all its values, as it was valid last
    private CallProblem? problem;
    private string? roleRefusal;
    private bool isChecking, isSubmitting;

    /// <summary>RUN, or RUN@STEP: the checkpoint that the job begins with.</summary>
    [SupplyParameterFromQuery]
    private string? From { get; set; }

    [SupplyParameterFromQuery]
    private string? Template { get; set; }

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private JobTemplate Chosen => JobTemplate.All.FirstOrDefault(one => one.Key == Template) ?? JobTemplate.All[0];

    private IReadOnlyList<SpecProblem> Problems => result?.Problems ?? [];

    private string? SubmitRefusal => roleRefusal
        ?? (isSubmitting ? "it is being submitted"
            : isChecking || result is null ? "it is being checked"
            : result.Validation is null ? "the spec has mistakes" : null);

    protected override async Task OnInitializedAsync()
    {
        roleRefusal = RoleRefusal.Of(await Calls.SessionAsync());
        if (roleRefusal is not null)
            problem = new CallProblem(CallProblemKind.Refused, $"Jobs cannot be submitted: {roleRefusal}.");
    }

    protected override async Task OnParametersSetAsync()
    {
        if (begun == $"{From}\n{Template}" || roleRefusal is not null)
            return;
        begun = $"{From}\n{Template}";
        (problem, draft, fork, result, full) = (null, null, null, null, null);
        if (From is not null && ForkText.Parse(From) is null)
        {
            problem = new CallProblem(CallProblemKind.Invalid, $"from is '{From}'; write RUN or RUN@STEP, as in demo-1@1200.");
            return;
        }
        fork = ForkText.Parse(From);
        try
        {
            string text = fork is null ? Chosen.Text : JobTemplate.OfFork(await SpecAsync(fork.RunId), fork.RunId);
            draft = new JobDraft(Calls, fork) { Text = text };
        }
        catch (RpcException failed) when (!Left.IsCancellationRequested)
        {
            problem = CallProblem.Of(failed);
            return;
        }
        if (RendererInfo.IsInteractive)
            OnText(draft.Text);
    }

    private async Task<Contracts.Spec.V1.TrainingSpec> SpecAsync(string runId)
    {
        var control = await Calls.ControlAsync();
        var run = (await control.GetRunAsync(new GetRunRequest { RunId = runId }, cancellationToken: Left)).Run;
        return (await control.GetJobAsync(new GetJobRequest { JobId = run.JobId }, cancellationToken: Left)).Job.Spec;
    }

    private void OnText(string text)
    {
        draft!.Text = text;
        checking.Cancel();
        checking.Dispose();
        checking = CancellationTokenSource.CreateLinkedTokenSource(Left);
        isChecking = true;
        var cancel = checking.Token;
        Begin(_ => CheckAsync(draft, cancel));
    }

    private async Task CheckAsync(JobDraft checkedDraft, CancellationToken cancel)
    {
        try
        {
            await Task.Delay(TypingPause, Clock, cancel);
            while (!await TryCheckAsync(checkedDraft, cancel))
                await Task.Delay(AskAgain, Clock, cancel);
        }
        catch (Exception over) when (over is OperationCanceledException or RpcException && cancel.IsCancellationRequested)
        {
            // Another text is checked now, or the page is gone.
        }
    }

    /// <returns>False: the coordinator does not answer now.</returns>
    private async Task<bool> TryCheckAsync(JobDraft checkedDraft, CancellationToken cancel)
    {
        try
        {
            var found = await checkedDraft.CheckAsync(cancel);
            await InvokeAsync(() => Show(found, cancel));
            return true;
        }
        catch (RpcException failed) when (!cancel.IsCancellationRequested)
        {
            await InvokeAsync(() => Fail(failed));
            return CallProblem.Of(failed).IsFinal;
        }
    }

    private void Show(CheckedJob found, CancellationToken cancel)
    {
        if (cancel.IsCancellationRequested)
            return;
        (result, isChecking, problem) = (found, false, null);
        full = found.Validation is { } valid ? SpecWriter.Write(valid.Spec) : full;
        StateHasChanged();
    }

    private void Fail(RpcException failed)
    {
        (problem, isChecking) = (CallProblem.Of(failed), false);
        StateHasChanged();
    }

    /// <summary>A second click while the first is under way does nothing; one after it sends the same request id.</summary>
    private async Task SubmitAsync()
    {
        if (isSubmitting)
            return;
        isSubmitting = true;
        try
        {
            var (runId, problems) = await draft!.SubmitAsync();
            if (runId is not null)
                Navigation.NavigateTo($"/runs/{Uri.EscapeDataString(runId)}");
            else
                result = CheckedJob.Wrong(problems);
        }
        catch (RpcException failed)
        {
            problem = CallProblem.Of(failed);
        }
        finally
        {
            isSubmitting = false;
        }
    }
}
