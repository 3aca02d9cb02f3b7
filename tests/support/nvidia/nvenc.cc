// libnvidia-encode.so.1 of the stand-in driver: the functions that FFmpeg's NVENC wrapper and our probe call.
#include <ffnvcodec/nvEncodeAPI.h>

#include <array>
#include <cstring>
#include <mutex>
#include <set>
#include <string_view>

#include "tests/support/nvidia/control.h"
#include "tests/support/nvidia/session.h"

namespace vivid::stand_in {
namespace {

std::mutex sessions_mutex;
std::set<Session*> sessions;

Session* find(void* encoder) {
  const std::lock_guard lock(sessions_mutex);
  auto* session = static_cast<Session*>(encoder);
  return sessions.contains(session) ? session : nullptr;
}

// Every call about a session begins like this: the rules first, then whether there is such a session.
template <typename Work>
NVENCSTATUS with_session(void* encoder, std::string_view function, Work&& work) {
  Session* session = find(encoder);
  if (session == nullptr) return NV_ENC_ERR_INVALID_PTR;
  if (const auto code = disturb(function, session->gpu(), NV_ENC_ERR_DEVICE_NOT_EXIST)) {
    session->last_error = "disturbed by the test";
    return static_cast<NVENCSTATUS>(*code);
  }
  return work(*session);
}

bool has_codec(std::string_view codec) { return read_control().settings.codecs.find(codec) != std::string::npos; }

std::vector<GUID> codecs() {
  std::vector<GUID> guids;
  if (has_codec("h264")) guids.push_back(NV_ENC_CODEC_H264_GUID);
  return guids;
}

NVENCSTATUS open_session(NV_ENC_OPEN_ENCODE_SESSION_EX_PARAMS* params, void** encoder) {
  *encoder = nullptr;
  if (params->deviceType != NV_ENC_DEVICE_TYPE_CUDA || params->device == nullptr) return NV_ENC_ERR_INVALID_PARAM;
  const int gpu = static_cast<const Context*>(params->device)->gpu;
  if (const auto code = disturb("nvEncOpenEncodeSessionEx", gpu, NV_ENC_ERR_DEVICE_NOT_EXIST)) {
    return static_cast<NVENCSTATUS>(*code);
  }
  const Settings settings = read_control().settings;
  if (settings.codecs == "none") return NV_ENC_ERR_UNSUPPORTED_DEVICE;
  auto slot = SessionSlot::take(gpu);
  if (!slot) {
    say("refused gpu=" + std::to_string(gpu));
    return static_cast<NVENCSTATUS>(settings.refuse_code);
  }
  auto* session = new Session(gpu, std::move(*slot));
  const std::lock_guard lock(sessions_mutex);
  sessions.insert(session);
  *encoder = session;
  say("open gpu=" + std::to_string(gpu));
  return NV_ENC_SUCCESS;
}

NVENCSTATUS destroy(void* encoder) {
  return with_session(encoder, "nvEncDestroyEncoder", [](Session& session) {
    say("close gpu=" + std::to_string(session.gpu()));
    const std::lock_guard lock(sessions_mutex);
    sessions.erase(&session);
    delete &session;
    return NV_ENC_SUCCESS;
  });
}

NVENCSTATUS guid_count(void* encoder, std::uint32_t* count) {
  return with_session(encoder, "nvEncGetEncodeGUIDCount", [&](Session&) {
    *count = static_cast<std::uint32_t>(codecs().size());
    return NV_ENC_SUCCESS;
  });
}

NVENCSTATUS guids(void* encoder, GUID* list, std::uint32_t size, std::uint32_t* count) {
  return with_session(encoder, "nvEncGetEncodeGUIDs", [&](Session&) {
    *count = 0;
    for (const GUID& guid : codecs()) {
      if (*count < size) list[(*count)++] = guid;
    }
    return NV_ENC_SUCCESS;
  });
}

// Those that are not named here are 0: the device cannot.
int capability(NV_ENC_CAPS cap) {
  const Settings settings = read_control().settings;
  switch (cap) {
    case NV_ENC_CAPS_NUM_MAX_BFRAMES:
      return 4;
    case NV_ENC_CAPS_WIDTH_MAX:
      return settings.max_width;
    case NV_ENC_CAPS_HEIGHT_MAX:
      return settings.max_height;
    case NV_ENC_CAPS_NUM_ENCODER_ENGINES:
      return settings.engines;
    case NV_ENC_CAPS_SUPPORT_CABAC:
    case NV_ENC_CAPS_SUPPORT_LOSSLESS_ENCODE:
    case NV_ENC_CAPS_SUPPORT_LOOKAHEAD:
    case NV_ENC_CAPS_SUPPORT_TEMPORAL_AQ:
    case NV_ENC_CAPS_SUPPORT_WEIGHTED_PREDICTION:
      return 1;
    default:
      return 0;
  }
}

NVENCSTATUS capabilities(void* encoder, GUID, NV_ENC_CAPS_PARAM* param, int* value) {
  return with_session(encoder, "nvEncGetEncodeCaps", [&](Session&) {
    *value = capability(param->capsToQuery);
    return NV_ENC_SUCCESS;
  });
}

// From preset 3 on, "high quality" has two B pictures between P pictures.
NVENCSTATUS preset_config(void* encoder, GUID, GUID, NV_ENC_TUNING_INFO tuning, NV_ENC_PRESET_CONFIG* config) {
  return with_session(encoder, "nvEncGetEncodePresetConfigEx", [&](Session&) {
    NV_ENC_CONFIG& preset = config->presetCfg;
    const bool reorders = tuning == NV_ENC_TUNING_INFO_HIGH_QUALITY || tuning == NV_ENC_TUNING_INFO_LOSSLESS;
    preset.profileGUID = NV_ENC_CODEC_PROFILE_AUTOSELECT_GUID;
    preset.gopLength = NVENC_INFINITE_GOPLENGTH;
    preset.frameIntervalP = reorders ? 3 : 1;
    preset.frameFieldMode = NV_ENC_PARAMS_FRAME_FIELD_MODE_FRAME;
    preset.mvPrecision = NV_ENC_MV_PRECISION_QUARTER_PEL;
    preset.rcParams.version = NV_ENC_RC_PARAMS_VER;
    preset.rcParams.rateControlMode = NV_ENC_PARAMS_RC_VBR;
    preset.encodeCodecConfig.h264Config.idrPeriod = NVENC_INFINITE_GOPLENGTH;
    preset.encodeCodecConfig.h264Config.chromaFormatIDC = 1;
    return NV_ENC_SUCCESS;
  });
}

NVENCSTATUS initialize(void* encoder, NV_ENC_INITIALIZE_PARAMS* params) {
  return with_session(encoder, "nvEncInitializeEncoder", [&](Session& session) { return session.initialize(*params); });
}

NVENCSTATUS create_input(void* encoder, NV_ENC_CREATE_INPUT_BUFFER* params) {
  return with_session(encoder, "nvEncCreateInputBuffer",
                      [&](Session& session) { return session.create_input(*params); });
}

NVENCSTATUS forget_surface(void* encoder, void* surface) {
  return with_session(encoder, "nvEncDestroyInputBuffer", [&](Session& session) {
    session.forget_surface(surface);
    return NV_ENC_SUCCESS;
  });
}

NVENCSTATUS lock_input(void* encoder, NV_ENC_LOCK_INPUT_BUFFER* params) {
  return with_session(encoder, "nvEncLockInputBuffer", [&](Session& session) { return session.lock_input(*params); });
}

NVENCSTATUS unlock_input(void* encoder, NV_ENC_INPUT_PTR) {
  return with_session(encoder, "nvEncUnlockInputBuffer", [](Session&) { return NV_ENC_SUCCESS; });
}

NVENCSTATUS create_output(void* encoder, NV_ENC_CREATE_BITSTREAM_BUFFER* params) {
  return with_session(encoder, "nvEncCreateBitstreamBuffer",
                      [&](Session& session) { return session.create_output(*params); });
}

NVENCSTATUS destroy_output(void* encoder, NV_ENC_OUTPUT_PTR output) {
  return with_session(encoder, "nvEncDestroyBitstreamBuffer", [&](Session& session) {
    session.forget_output(output);
    return NV_ENC_SUCCESS;
  });
}

NVENCSTATUS encode_picture(void* encoder, NV_ENC_PIC_PARAMS* params) {
  return with_session(encoder, "nvEncEncodePicture", [&](Session& session) { return session.encode(*params); });
}

NVENCSTATUS lock_bitstream(void* encoder, NV_ENC_LOCK_BITSTREAM* params) {
  return with_session(encoder, "nvEncLockBitstream", [&](Session& session) { return session.lock_output(*params); });
}

NVENCSTATUS unlock_bitstream(void* encoder, NV_ENC_OUTPUT_PTR) {
  return with_session(encoder, "nvEncUnlockBitstream", [](Session&) { return NV_ENC_SUCCESS; });
}

NVENCSTATUS sequence_params(void* encoder, NV_ENC_SEQUENCE_PARAM_PAYLOAD* payload) {
  return with_session(encoder, "nvEncGetSequenceParams", [&](Session& session) { return session.headers(*payload); });
}

NVENCSTATUS register_resource(void* encoder, NV_ENC_REGISTER_RESOURCE* params) {
  return with_session(encoder, "nvEncRegisterResource",
                      [&](Session& session) { return session.register_resource(*params); });
}

NVENCSTATUS map_resource(void* encoder, NV_ENC_MAP_INPUT_RESOURCE* params) {
  return with_session(encoder, "nvEncMapInputResource",
                      [&](Session& session) { return session.map_resource(*params); });
}

NVENCSTATUS unmap_resource(void* encoder, NV_ENC_INPUT_PTR) {
  return with_session(encoder, "nvEncUnmapInputResource", [](Session&) { return NV_ENC_SUCCESS; });
}

NVENCSTATUS unregister_resource(void* encoder, NV_ENC_REGISTERED_PTR surface) {
  return with_session(encoder, "nvEncUnregisterResource", [&](Session& session) {
    session.forget_surface(surface);
    return NV_ENC_SUCCESS;
  });
}

NVENCSTATUS set_streams(void* encoder, NV_ENC_CUSTREAM_PTR, NV_ENC_CUSTREAM_PTR) {
  return with_session(encoder, "nvEncSetIOCudaStreams", [](Session&) { return NV_ENC_SUCCESS; });
}

const char* last_error(void* encoder) {
  const Session* session = find(encoder);
  return session == nullptr ? "" : session->last_error.c_str();
}

}  // namespace
}  // namespace vivid::stand_in

namespace stand_in = vivid::stand_in;

extern "C" {

__attribute__((visibility("default"))) NVENCSTATUS NvEncodeAPIGetMaxSupportedVersion(std::uint32_t* version) {
  if (const auto code = stand_in::disturb("NvEncodeAPIGetMaxSupportedVersion", -1, NV_ENC_ERR_GENERIC)) {
    return static_cast<NVENCSTATUS>(*code);
  }
  const stand_in::Settings settings = stand_in::read_control().settings;
  *version = static_cast<std::uint32_t>(settings.nvenc_major << 4 | settings.nvenc_minor);
  return NV_ENC_SUCCESS;
}

__attribute__((visibility("default"))) NVENCSTATUS NvEncodeAPICreateInstance(NV_ENCODE_API_FUNCTION_LIST* list) {
  if (const auto code = stand_in::disturb("NvEncodeAPICreateInstance", -1, NV_ENC_ERR_GENERIC)) {
    return static_cast<NVENCSTATUS>(*code);
  }
  const std::uint32_t version = list->version;
  *list = {};
  list->version = version;
  list->nvEncOpenEncodeSessionEx = stand_in::open_session;
  list->nvEncDestroyEncoder = stand_in::destroy;
  list->nvEncGetEncodeGUIDCount = stand_in::guid_count;
  list->nvEncGetEncodeGUIDs = stand_in::guids;
  list->nvEncGetEncodeCaps = stand_in::capabilities;
  list->nvEncGetEncodePresetConfigEx = stand_in::preset_config;
  list->nvEncInitializeEncoder = stand_in::initialize;
  list->nvEncCreateInputBuffer = stand_in::create_input;
  list->nvEncDestroyInputBuffer = stand_in::forget_surface;
  list->nvEncLockInputBuffer = stand_in::lock_input;
  list->nvEncUnlockInputBuffer = stand_in::unlock_input;
  list->nvEncCreateBitstreamBuffer = stand_in::create_output;
  list->nvEncDestroyBitstreamBuffer = stand_in::destroy_output;
  list->nvEncEncodePicture = stand_in::encode_picture;
  list->nvEncLockBitstream = stand_in::lock_bitstream;
  list->nvEncUnlockBitstream = stand_in::unlock_bitstream;
  list->nvEncGetSequenceParams = stand_in::sequence_params;
  list->nvEncRegisterResource = stand_in::register_resource;
  list->nvEncUnregisterResource = stand_in::unregister_resource;
  list->nvEncMapInputResource = stand_in::map_resource;
  list->nvEncUnmapInputResource = stand_in::unmap_resource;
  list->nvEncSetIOCudaStreams = stand_in::set_streams;
  list->nvEncGetLastErrorString = stand_in::last_error;
  return NV_ENC_SUCCESS;
}

}  // extern "C"
