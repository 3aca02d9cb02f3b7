# Kernels for NVIDIA's GPUs, where nvcc is: the program looks for the driver when it runs, and does without either.
set(VIVID_CUDA AUTO CACHE STRING "Build kernels for GPUs: ON, OFF, or AUTO: where nvcc is found")
set(VIVID_CUDA_ARCHITECTURES 75 80 86 89 90 100 120 CACHE STRING
    "Compute capabilities that kernels are built for, without the point; later ones are compiled by the driver")
find_program(VIVID_NVCC nvcc PATHS /usr/local/cuda/bin /opt/cuda/bin)
if(VIVID_CUDA STREQUAL "ON" AND NOT VIVID_NVCC)
  message(FATAL_ERROR "VIVID_CUDA is ON, but nvcc is not found; allowed: -D VIVID_NVCC=/path/to/nvcc")
endif()

# vivid_cuda_kernels(TARGET kernels.cu): one file as machine code for each architecture and PTX for later ones, in
# TARGET as built_kernels(), which is empty without nvcc.
function(vivid_cuda_kernels target source)
  set(image ${CMAKE_CURRENT_BINARY_DIR}/kernels.fatbin)
  set(bytes ${CMAKE_CURRENT_BINARY_DIR}/kernels.inc)
  if(VIVID_NVCC AND NOT VIVID_CUDA STREQUAL "OFF")
    set(codes "")
    foreach(architecture ${VIVID_CUDA_ARCHITECTURES})
      list(APPEND codes -gencode arch=compute_${architecture},code=sm_${architecture})
    endforeach()
    list(GET VIVID_CUDA_ARCHITECTURES -1 last)
    list(APPEND codes -gencode arch=compute_${last},code=compute_${last})
    add_custom_command(OUTPUT ${bytes}
      COMMAND ${VIVID_NVCC} -std=c++20 -O3 --fatbin -I ${CMAKE_SOURCE_DIR} ${codes} -MD -MF ${image}.d -MT ${bytes}
              -o ${image} ${CMAKE_CURRENT_SOURCE_DIR}/${source}
      COMMAND ${CMAKE_COMMAND} -D IMAGE=${image} -D BYTES=${bytes} -P ${CMAKE_SOURCE_DIR}/cmake/bytes_of.cmake
      DEPENDS ${source} ${CMAKE_SOURCE_DIR}/cmake/bytes_of.cmake DEPFILE ${image}.d VERBATIM
      COMMENT "Building kernels for GPUs")
  else()
    file(CONFIGURE OUTPUT ${bytes} CONTENT "")
  endif()
  configure_file(${CMAKE_SOURCE_DIR}/cmake/built_kernels.cc.in ${CMAKE_CURRENT_BINARY_DIR}/built_kernels.cc @ONLY)
  target_sources(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/built_kernels.cc ${bytes})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
