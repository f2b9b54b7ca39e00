using static TorchSharp.torch;

namespace ClipDistributed.Model.Native;

/// <summary>
/// What libtorch may round in float32 on GPUs. TF32 keeps 10 of 23 bits of a factor; convolutions take it unless it is switched off,
/// and what is to be quick is computed in bfloat16 anyway.
/// </summary>
internal static class Float32Kernels
{
    /// <summary>For the whole process; processors know no TF32.</summary>
    public static void KeepAllBits()
    {
        backends.cudnn.allow_tf32 = false;
        backends.cuda.matmul.allow_tf32 = false;
    }
}
