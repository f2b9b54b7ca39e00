using System.CommandLine;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Processes;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Model.Native;
using ClipDistributed.Replica;
using ClipDistributed.Training.Loops;
using Grpc.Core;

var device = new Option<string>("--device")
{
    Description = "cpu, or a GPU as in cuda:0.",
    DefaultValueFactory = _ => "cpu",
};
var threads = new Option<int>("--threads")
{
    Description = "Threads of one tensor operator.",
    DefaultValueFactory = _ => Environment.ProcessorCount,
};
var libTorch = new Option<string?>("--libtorch") { Description = "A folder of libtorch libraries to use instead of the built-in one." };
var memory = new Option<long?>("--memory")
{
    Description = "Maximum MiB of memory that training may plan with; without it what the host has available.",
};
var name = new Option<string>("--name")
{
    Description = "Only shown by ps: the replica's id, or its purpose.",
    DefaultValueFactory = _ => "",
};
var command = new RootCommand(
    "The process that holds tensors. clipd starts it and speaks to it in lines of JSON on its standard input and output."
)
{
    name,
    device,
    threads,
    libTorch,
    memory,
};
command.SetAction(parsed =>
{
    using var parent = ParentLink.Open(Console.In, Console.Out);
    try
    {
        var request = parent.ReadRequest();
        if (request is null)
            return ExitCodes.Done; // the parent sent no request
        LibTorch.Load(parsed.GetValue(libTorch), parsed.GetValue(threads));
        return Requests.Run(request, parent, parsed.GetRequiredValue(device), parsed.GetValue(memory) << 20);
    }
    catch (BadInputException refused)
    {
        parent.Send(new RunRecord { Refused = new InputRefused { Errors = { refused.Errors } } });
        return ExitCodes.BadInput;
    }
    catch (RpcException refused)
    {
        parent.Send(Failed($"The coordinator refuses this replica: {CallErrors.Reason(refused)}."));
        return ExitCodes.Unavailable;
    }
    catch (Exception failed) when (failed is TrainingDivergedException or IOException or UnauthorizedAccessException)
    {
        parent.Send(Failed(failed.Message));
        return ExitCodes.Failed;
    }
});
return command.Parse(args).Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });

static RunRecord Failed(string why) => new() { Failed = new RunFailed { Text = why } };
