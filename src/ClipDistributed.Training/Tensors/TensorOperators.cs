using static TorchSharp.torch;

namespace ClipDistributed.Training.Tensors;

/// <summary>
/// ATen operators that TorchSharp has no method for, reached through TorchScript. A wrong name ends the process while it
/// compiles, so all are compiled together, once, and a test calls each.
/// </summary>
public static class TensorOperators
{
    private static readonly jit.CompilationUnit Compiled = jit.compile("""
        def norms(tensors: List[Tensor]) -> List[Tensor]:
            return torch._foreach_norm(tensors, 2)

        def fused_adamw(parameters: List[Tensor], gradients: List[Tensor], means: List[Tensor], squares: List[Tensor],
                        steps: List[Tensor], settings: Tensor) -> int:
            torch._fused_adamw_(parameters, gradients, means, squares, [], steps, lr=float(settings[0]), beta1=float(settings[1]),
                                beta2=float(settings[2]), weight_decay=float(settings[3]), eps=float(settings[4]),
                                amsgrad=False, maximize=False)
            return 0

        def sum_of_words(values: Tensor) -> Tensor:
            int32, int64 = 3, 4 # as c10/core/ScalarType.h counts; their names are Python's
            return torch.bitwise_and(torch.view_copy(values, dtype=int32).to(dtype=int64), 4294967295).sum()

        """); // TorchScript wants a line break at the end

    /// <summary>The Euclidean norm of each tensor, scalars.</summary>
    public static Tensor[] Norms(Tensor[] tensors) => Compiled.invoke<Tensor[]>("norms", (object)tensors);

    /// <summary>The sum of a float32 tensor's words as unsigned numbers modulo 2⁶⁴, a scalar of int64.</summary>
    public static Tensor SumOfWords(Tensor values) => Compiled.invoke<Tensor>("sum_of_words", values);

    /// <summary>AdamW in one pass over memory (arXiv 1711.05101, algorithm 2).</summary>
    /// <param name="step">The number of this step as a float32 scalar.</param>
    public static void FusedAdamW(AdamWTensors tensors, Tensor step, AdamWSettings numbers)
    {
        var (parameters, gradients, means, squares) = tensors;
        Tensor[] steps = [.. Enumerable.Repeat(step, parameters.Length)];
        // As a tensor that lives until the call is over: TorchSharp turns numbers into objects that nothing holds, and a garbage
        // collection before the call would free them.
        using var settings = tensor((double[])[numbers.Lr, numbers.Beta1, numbers.Beta2, numbers.WeightDecay, numbers.Eps]);
        Compiled.invoke<object>("fused_adamw", parameters, gradients, means, squares, steps, settings);
    }
}
