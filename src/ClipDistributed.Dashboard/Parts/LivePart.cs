using ClipDistributed.Dashboard.Calls;
using Microsoft.AspNetCore.Components;

namespace ClipDistributed.Dashboard.Parts;

/// <summary>A page, or a part of one, that reads while it is open.</summary>
public abstract class LivePart : ComponentBase, IDisposable
{
    private readonly CancellationTokenSource left = new();

    protected LivePart() => Left = left.Token; // the source gives none when it is disposed of

    [Inject]
    internal ControlCalls Calls { get; set; } = default!;

    [Inject]
    internal TimeProvider Clock { get; set; } = default!;

    /// <summary>The page is left.</summary>
    protected CancellationToken Left { get; }

    public void Dispose()
    {
        left.Cancel();
        left.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Renders on the page's own thread.</summary>
    protected Task RenderAsync() => Left.IsCancellationRequested ? Task.CompletedTask : InvokeAsync(StateHasChanged);

    /// <summary>Begins work that ends with the page; what it throws is the page's.</summary>
    protected void Begin(Func<CancellationToken, Task> work) => _ = ObserveAsync(work);

    private async Task ObserveAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await work(Left);
        }
        catch (OperationCanceledException) when (Left.IsCancellationRequested)
        {
            // Left amid it.
        }
        catch (Exception failed)
        {
            await DispatchExceptionAsync(failed);
        }
    }
}
