using System.Globalization;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Dashboard.Calls;
using ClipDistributed.Dashboard.Feeds;
using ClipDistributed.Dashboard.Shown;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.JSInterop;

namespace ClipDistributed.Dashboard.Parts;

public sealed partial class TryTab : ComponentBase
{
    private const int MaxImage = 8 << 20, MaxPreview = 1 << 20, PreviewSize = 320;
    private const int MaxImages = 6, MaxTexts = 10;

    private readonly CancellationTokenSource left = new();
    private readonly CancellationToken leaving;
    private IReadOnlyList<Checkpoint> checkpoints = [];
    private IReadOnlyList<string> pictures = []; // of the run, by their numbers
    private byte[]? image; // null: none
    private string imageName = "", text = "";
    private string? preview;
    private bool areLabels, isAsking, isUnfree;
    private int files; // that were chosen: each has an input of its own, so that the same one can be dropped again
    private string? problem;
    private TryModelResponse? answer;

    public TryTab() => leaving = left.Token; // the source gives none when it is disposed of

    [Parameter, EditorRequired]
    public RunDetail Detail { get; set; } = default!;

    /// <summary>Attempt and step of the checkpoint, as in <c>1.400</c>; null: the newest one.</summary>
    [SupplyParameterFromQuery]
    private string? From { get; set; }

    [Inject]
    internal ControlCalls Calls { get; set; } = default!;

    [Inject]
    private NavigationManager Navigation { get; set; } = default!;

    private List<string> Captions => [.. text.Split('\n').Select(line => line.Trim()).Where(line => line != "")];

    private string Hint => areLabels ? "Each name stands in the prompts of the run's zero-shot evaluation."
        : image is null ? "Each caption ranks the images that the run is evaluated with."
        : Captions.Count == 0 ? "The picture is compared with the classes of the run, in its prompts."
        : "Each caption is compared with the picture.";

    private bool CanAsk => image is not null || Captions.Count > 0;

    public void Dispose()
    {
        left.Cancel();
        left.Dispose();
    }

    protected override async Task OnInitializedAsync()
    {
        try
        {
            var request = new ListCheckpointsRequest { RunId = Detail.Run.RunId };
            var all = await (await Calls.CheckpointsAsync()).ListCheckpointsAsync(request, cancellationToken: leaving);
            checkpoints = [.. all.Checkpoints.Where(one => !one.Path.StartsWith("s3://", StringComparison.Ordinal))];
        }
        catch (RpcException)
        {
            // The newest one can be asked all the same, and then says what is wrong.
        }
    }

    private async Task OnFileAsync(InputFileChangeEventArgs change)
    {
        var file = change.File;
        (problem, isUnfree) = (null, false);
        if (file.Size > MaxImage)
        {
            problem = $"{file.Name} has {Quantity.Bytes(file.Size)}; use a picture of at most {Quantity.Bytes(MaxImage)}.";
            return;
        }
        try
        {
            image = await ReadAsync(file, MaxImage);
            imageName = file.Name;
            preview = await PreviewAsync(file);
        }
        catch (Exception lost) when (lost is IOException or JSException or OperationCanceledException && !leaving.IsCancellationRequested)
        {
            Clear();
            problem = $"{file.Name} could not be read; choose it again.";
            return;
        }
        files++;
        await AskAsync();
    }

    /// <summary>As the browser scales it down.</summary>
    /// <returns>Null: it is none that the browser can show.</returns>
    private async Task<string?> PreviewAsync(IBrowserFile file)
    {
        try
        {
            var small = await file.RequestImageFileAsync("image/jpeg", PreviewSize, PreviewSize);
            return small.Size > MaxPreview ? null : $"data:image/jpeg;base64,{Convert.ToBase64String(await ReadAsync(small, MaxPreview))}";
        }
        catch (JSException)
        {
            return null;
        }
    }

    private async Task<byte[]> ReadAsync(IBrowserFile file, long most)
    {
        using var content = new MemoryStream();
        await using var stream = file.OpenReadStream(most, leaving);
        await stream.CopyToAsync(content, leaving);
        return content.ToArray();
    }

    private void Clear() => (image, imageName, preview) = (null, "", null);

    private async Task AskAsync()
    {
        if (isAsking || !CanAsk)
            return;
        (isAsking, isUnfree, problem) = (true, false, null);
        StateHasChanged();
        try
        {
            var request = Request();
            if (image is null && pictures.Count == 0)
                pictures = await PicturesAsync();
            answer = await (await Calls.ModelsAsync()).TryModelAsync(request, cancellationToken: leaving);
        }
        catch (RpcException failed) when (!leaving.IsCancellationRequested)
        {
            isUnfree = failed.StatusCode is StatusCode.FailedPrecondition or StatusCode.ResourceExhausted;
            problem = failed.Status.Detail;
        }
        catch (Exception gone) when (gone is RpcException or OperationCanceledException)
        {
            return; // The page was left amid it.
        }
        finally
        {
            isAsking = false;
        }
    }

    private TryModelRequest Request()
    {
        var request = new TryModelRequest { RunId = Detail.Run.RunId, Captions = { Captions }, AreLabels = areLabels };
        if (image is not null)
            request.Image = UnsafeByteOperations.UnsafeWrap(image);
        string[] parts = (From ?? "").Split('.');
        if (parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int attempt)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long step))
            (request.Attempt, request.Step) = (attempt, step);
        return request;
    }

    /// <summary>Those that captions are compared with.</summary>
    private async Task<IReadOnlyList<string>> PicturesAsync()
    {
        var list = await new PredictionFeed(Calls, Detail.Run).ReadAsync(leaving);
        return [.. (list.Set?.Images ?? []).Select(one => PredictionsShown.Source(one.Png))];
    }

    private void OnCheckpoint(ChangeEventArgs change) => Navigation.NavigateTo(
        Navigation.GetUriWithQueryParameter("from", change.Value is string { Length: > 0 } chosen ? chosen : null), replace: true);

    private static string Key(Checkpoint saved) => string.Create(CultureInfo.InvariantCulture, $"{saved.Attempt}.{saved.Step}");

    private static string Name(Checkpoint saved) =>
        $"Step {Quantity.Whole(saved.Step)}, attempt {saved.Attempt}{(saved.Abandoned ? ", abandoned" : "")}";

    private static string Seconds(double seconds) => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.0} s");
}
