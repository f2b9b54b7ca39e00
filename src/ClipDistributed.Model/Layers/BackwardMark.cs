using TorchSharp;
using static TorchSharp.torch;

namespace ClipDistributed.Model.Layers;

/// <summary>
/// Changes nothing, and reports when backward passes: the gradients of all that came after it in the tower are then complete.
/// On the CPU it reports on the thread that called backward; there the engine finishes later nodes before earlier ones.
/// </summary>
internal sealed class BackwardMark : autograd.SingleTensorFunction<BackwardMark>
{
    private const string Listener = "listener", Stage = "stage";

    public override string Name => nameof(BackwardMark);

    /// <returns><paramref name="x"/>, marked; unmarked where there is no listener or no graph is built.</returns>
    public static Tensor Set(Tensor x, int stage, BackwardListener? listener) =>
        listener is null || !x.requires_grad ? x : apply(x, stage, listener);

    public override Tensor forward(autograd.AutogradContext context, params object[] inputs)
    {
        context.save_data(Stage, inputs[1]);
        context.save_data(Listener, inputs[2]);
        return ((Tensor)inputs[0]).alias();
    }

    public override List<Tensor> backward(autograd.AutogradContext context, Tensor gradient)
    {
        ((BackwardListener)context.get_data(Listener)).OnCompleted((int)context.get_data(Stage), gradient);
        return [gradient, null!, null!]; // one for each input; the others have none
    }
}
